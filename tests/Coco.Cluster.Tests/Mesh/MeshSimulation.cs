using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>
/// Thousands of real <see cref="MeshNode"/>s in virtual time. What lies below them is simulated as messages: a connection takes a few round
/// trips to make, and three seconds to fail; its messages arrive in order, lost packets late; a dead peer is noticed after one to three
/// seconds, or one if asked to look. Two nodes behind hard NATs never connect.
/// </summary>
internal sealed partial class MeshSimulation
{
    private readonly MeshSimulationOptions _options;
    private readonly PriorityQueue<(MeshEventCode Code, int A, int B, int Life, object? What), (TimeSpan, long)> _queue = new();
    private readonly Dictionary<NodeId, SimulatedMember> _byId = [];
    private readonly NetworkId _network;
    private long _order;

    public MeshSimulation(MeshSimulationOptions options)
    {
        _options = options;
        Dice = new(options.Seed);
        _network = new(IdentityKey.Generate(Dice.Source).Id);
        // As if in four processes: nobody takes what another process signed without verifying it.
        Pools = [.. Enumerable.Range(0, 4).Select(_ => new AdvertisementPool(Math.Max(4096, options.Nodes * 8)))];
        Members = new SimulatedMember[options.Nodes];
        for (var i = 0; i < options.Nodes; i++)
        {
            Members[i] = NewMember(i);
            _byId.Add(Members[i].Id, Members[i]);
        }
    }

    public SimulatedMember[] Members { get; }

    public MeshDice Dice { get; }

    public AdvertisementPool[] Pools { get; }

    public TimeSpan Now { get; private set; }

    public int Capacity => _options.Nodes;

    public long Delivered { get; private set; }

    /// <summary>Calls that nodes made, answered or not.</summary>
    public long Calls { get; private set; }

    public IEnumerable<SimulatedMember> Up => Members.Where(member => member.Node is not null);

    public bool TryFind(NodeId id, out SimulatedMember member) => _byId.TryGetValue(id, out member!);

    private SimulatedMember NewMember(int index)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        Dice.Source.Fill(bytes);
        var key = _options.RealSignatures ? IdentityKey.FromSeed(bytes) : null;
        var subCluster = index < _options.Core ? SubClusterId.Core : new SubClusterId($"app-{(index - _options.Core) / _options.SubClusterSize}");
        return new(index, key?.Id ?? NodeId.Read(bytes), subCluster)
        {
            Key = key,
            HardNat = index >= _options.Core && Dice.Chance(_options.HardNat),
            KnowsItsNat = Dice.Chance(0.8),
            X = Dice.Unit() * 60,
            Y = Dice.Unit() * 60,
        };
    }

    /// <summary>Runs until a time; false from the condition, asked now and then, ends it earlier.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (_queue.TryPeek(out _, out var key) && Later(key.Item1, _machineFreeAt) <= end)
        {
            var (code, a, b, life, what) = _queue.Dequeue();
            Now = Later(key.Item1, _machineFreeAt);
            _machineFreeAt = Now + TimeOf(code);
            if (code is MeshEventCode.Start) { Start(a); }
            else { Happen(code, a, b, life, what, key.Item1); }
        }
        Now = end;
    }

    /// <summary>Starts all that a machine has to start, as soon as it comes to each.</summary>
    public void StartAll()
    {
        for (var i = 0; i < Members.Length; i++) { Schedule(Now, MeshEventCode.Start, i, 0, 0, null); }
    }

    public void Start(int index)
    {
        var member = Members[index];
        if (member.Node is not null) { return; }
        member.Life++;
        member.TimerAt = null;
        member.Members = new(this);
        member.Members.Learn(index);
        IAdvertisementSeal seal = member.Key is null ? new CheapSeal(member.Id) : new IdentitySeal(_network, member.Key);
        member.Node = new(
            member.Id, seal, member.Members, FirstSequence(), Dice.Source, _options.Other(index) ?? _options.Mesh,
            new(member.Members, null), Pools[index % Pools.Length]);
        if (member.HardNat && member.KnowsItsNat) { member.Node.SetHardNat(true, Now); }
        member.Node.SetContacts(ContactsOf(member), Now);
        if (_options.Remembered) { Remember(member); }
        Drain(member);
    }

    private void Remember(SimulatedMember member)
    {
        for (var i = 0; i < Members.Length; i++) { member.Members!.Learn(i); }
        member.Node!.SetRemembered(Members.Select(other => new RememberedMember(other.Id, (_options.Other(other.Index) ?? _options.Mesh).Class)), Now);
    }

    // By the wall clock, and some clocks are wrong: a restarted node may begin below what it said before.
    private ulong FirstSequence() =>
        Dice.Chance(_options.WrongClocks) ? Dice.Next64() % (ulong)TimeSpan.FromDays(365).TotalMilliseconds : (ulong)(Now + TimeSpan.FromDays(30)).TotalMilliseconds;

    /// <summary>Vanishes without a word.</summary>
    public void Crash(int index)
    {
        var member = Members[index];
        member.Node = null;
        member.Dialing.Clear();
        foreach (var link in member.Links.Values.ToArray()) { CutLink(link); }
        member.Links.Clear();
    }

    /// <summary>Says goodbye and closes its connections.</summary>
    public void Leave(int index)
    {
        var member = Members[index];
        if (member.Node is not { } node) { return; }
        node.Leave(Now);
        Drain(member);
        member.Node = null;
        member.Dialing.Clear();
        foreach (var link in member.Links.Values)
        {
            var other = Other(link, index);
            var side = link.One == index ? 0 : 1;
            var at = Later(link.LastArrival[side], Now + link.Delay) + TimeSpan.FromMilliseconds(1);
            Schedule(at, MeshEventCode.Down, other, index, Members[other].Life, link);
        }
        member.Links.Clear();
    }

    /// <summary>Separates nodes: those of different groups cannot talk.</summary>
    public void Partition(Func<SimulatedMember, int> groupOf)
    {
        foreach (var member in Members) { member.Group = groupOf(member); }
        foreach (var link in Members.SelectMany(member => member.Links.Values).Distinct().ToArray())
        {
            if (Members[link.One].Group != Members[link.Other].Group && !link.Cut) { CutLink(link); }
        }
    }

    public void Heal() => Partition(_ => 0);

    // Three who were there before, of one's own or of the core: a ticket's sponsors, or what a node remembers.
    private List<NodeId> ContactsOf(SimulatedMember member)
    {
        var before = Members.Take(Math.Max(member.Index, Math.Min(4, Members.Length)))
            .Where(other => other != member && (other.SubCluster == member.SubCluster || other.SubCluster.IsCore))
            .Where(other => !(member.HardNat && other.HardNat)).ToArray();
        return before.Length == 0 ? [] : [.. Enumerable.Range(0, 3).Select(_ => before[Dice.Next(before.Length)].Id).Distinct()];
    }

    private void Happen(MeshEventCode code, int a, int b, int life, object? what, TimeSpan due)
    {
        var member = Members[a];
        if (member.Node is not { } node || member.Life != life) { return; }
        switch (code)
        {
            case MeshEventCode.Timer:
                if (member.TimerAt != due) { return; }
                member.TimerAt = null;
                node.HandleTimeout(Now);
                break;
            case MeshEventCode.Message:
                var (link, bytes) = ((SimulatedLink, byte[]))what!;
                if (link.Cut || !member.Links.TryGetValue(b, out var current) || current != link) { return; }
                CheckVisibility(member, bytes);
                Delivered++;
                node.HandleMessage(Members[b].Id, bytes, Now);
                break;
            case MeshEventCode.Connecting: Connecting(member, Members[b], (int)what!); return;
            case MeshEventCode.Connected: Connected(member, Members[b]); return;
            case MeshEventCode.Down:
                if (!member.Links.TryGetValue(b, out var gone) || gone != what) { return; }
                member.Links.Remove(b);
                node.HandlePeerDown(Members[b].Id, Now);
                break;
            default: throw new InvalidOperationException($"Unknown event {code}.");
        }
        Drain(member);
    }

    private void Connect(SimulatedMember from, SimulatedMember to)
    {
        if (from.Links.ContainsKey(to.Index) || !from.Dialing.Add(to.Index)) { return; }
        Calls++;
        if (_options.Machine is not null)
        {
            Schedule(Now, MeshEventCode.Connecting, from.Index, to.Index, from.Life, 0);
            return;
        }
        var works = CanConnect(from, to);
        var at = Now + (works ? (DelayOf(from, to) * 4) + Dice.Between(5, 50) : TimeSpan.FromSeconds(3));
        Schedule(at, MeshEventCode.Connected, from.Index, to.Index, from.Life, null);
    }

    // What the first packet of a call meets: a node that is not up yet hears the second, which comes a second later, or the third after two more.
    private void Connecting(SimulatedMember from, SimulatedMember to, int sent)
    {
        if (to.Node is not null) { Schedule(Now, MeshEventCode.Connected, from.Index, to.Index, from.Life, null); }
        else if (sent < 3) { Schedule(Now + TimeSpan.FromSeconds(1 << sent), MeshEventCode.Connecting, from.Index, to.Index, from.Life, sent + 1); }
        else { Connected(from, to); }
    }

    private static bool CanConnect(SimulatedMember one, SimulatedMember other) =>
        one.Node is not null && other.Node is not null && one.Group == other.Group && !(one.HardNat && other.HardNat);

    private void Connected(SimulatedMember from, SimulatedMember to)
    {
        from.Dialing.Remove(to.Index);
        if (from.Links.TryGetValue(to.Index, out var known) && !known.Cut) { return; }
        if (!CanConnect(from, to) || from.Links.ContainsKey(to.Index) || to.Links.ContainsKey(from.Index))
        {
            from.Node!.HandleConnectFailed(to.Id, Now);
            Drain(from);
            return;
        }
        var link = new SimulatedLink(from.Index, to.Index, DelayOf(from, to));
        from.Links.Add(to.Index, link);
        to.Links.Add(from.Index, link);
        // Each end shows its certificate in the first messages of a connection.
        from.Members!.Learn(to.Index);
        to.Members!.Learn(from.Index);
        from.Node!.HandlePeerUp(to.Id, link.Delay * 2, Now);
        to.Node!.HandlePeerUp(from.Id, link.Delay * 2, Now);
        Drain(from);
        Drain(to);
    }

    private void CutLink(SimulatedLink link)
    {
        link.Cut = true;
        NoticeLater(link.One, link.Other, link, Dice.Between(1000, 3000));
        NoticeLater(link.Other, link.One, link, Dice.Between(1000, 3000));
    }

    private void NoticeLater(int index, int other, SimulatedLink link, TimeSpan wait) =>
        Schedule(Now + wait, MeshEventCode.Down, index, other, Members[index].Life, link);

    private TimeSpan DelayOf(SimulatedMember one, SimulatedMember other) => _options.Machine is not null ? TimeSpan.Zero :
        TimeSpan.FromMilliseconds(2 + Math.Sqrt(((one.X - other.X) * (one.X - other.X)) + ((one.Y - other.Y) * (one.Y - other.Y))));

    private static int Other(SimulatedLink link, int index) => link.One == index ? link.Other : link.One;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private TimeSpan _busyUntil;
    private TimeSpan _machineFreeAt;

    private TimeSpan TimeOf(MeshEventCode code) => _options.Machine is not { } machine ? TimeSpan.Zero : code switch
    {
        MeshEventCode.Start => machine.Start,
        MeshEventCode.Connecting or MeshEventCode.Connected => machine.Connection / 2,
        MeshEventCode.Message => machine.Message,
        MeshEventCode.Timer => machine.Timer,
        _ => TimeSpan.Zero,
    };

    private void Schedule(TimeSpan at, MeshEventCode code, int a, int b, int life, object? what) =>
        _queue.Enqueue((code, a, b, life, what), (at, _order++));

    private void Drain(SimulatedMember member)
    {
        if (member.Node is not { } node) { return; }
        while (node.TryTakeMessage(out var to, out var message)) { Send(member, _byId[to].Index, message); }
        while (node.TryTakeCommand(out var command)) { Obey(member, command); }
        while (node.TryTakeEvent(out var happened)) { member.Unreachable += happened.Kind is MeshEventKind.Unreachable ? 1 : 0; }
        while (node.TryTakeMessage(out var to, out var message)) { Send(member, _byId[to].Index, message); }
        if (node.Deadline is not { } deadline || (member.TimerAt is { } set && set <= deadline)) { return; }
        member.TimerAt = Later(deadline, Now);
        Schedule(member.TimerAt.Value, MeshEventCode.Timer, member.Index, 0, member.Life, null);
    }

    private void Obey(SimulatedMember member, MeshCommand command)
    {
        var other = _byId[command.Node];
        switch (command.Kind)
        {
            case MeshCommandKind.Connect: Connect(member, other); break;
            case MeshCommandKind.Probe:
                if (member.Links.TryGetValue(other.Index, out var asked) && asked.Cut)
                {
                    NoticeLater(member.Index, other.Index, asked, TimeSpan.FromSeconds(1));
                }
                break;
            default:
                if (!member.Links.TryGetValue(other.Index, out var link)) { return; }
                var side = link.One == member.Index ? 0 : 1;
                Schedule(Now, MeshEventCode.Down, member.Index, other.Index, member.Life, link);
                var at = Later(link.LastArrival[side], Now + link.Delay);
                Schedule(at, MeshEventCode.Down, other.Index, member.Index, other.Life, link);
                break;
        }
    }

    private void Send(SimulatedMember from, int to, ReadOnlyMemory<byte> message)
    {
        const int PacketSize = 1150, PacketOverhead = 60;
        if (!from.Links.TryGetValue(to, out var link)) { return; }
        var packets = (message.Length + PacketSize - 1) / PacketSize;
        from.SentBytes += message.Length + (packets * PacketOverhead);
        from.SentPackets += packets;
        CountFrames(message.Span);
        if (link.Cut) { return; }
        var arrival = Now + link.Delay;
        for (var i = 0; i < packets; i++)
        {
            // A lost packet is noticed after about a round trip and a half, and may be lost again.
            for (var late = link.Delay * 3; Dice.Chance(_options.Loss); late *= 2) { arrival += late; }
        }
        if (_options.MessageTime > TimeSpan.Zero) { arrival = _busyUntil = Later(_busyUntil, arrival) + _options.MessageTime; }
        var side = link.One == from.Index ? 0 : 1;
        link.LastArrival[side] = Later(link.LastArrival[side], arrival);
        Schedule(link.LastArrival[side], MeshEventCode.Message, to, from.Index, Members[to].Life, (link, message.ToArray()));
    }
}
