using System.Security.Cryptography;
using Coco.Cluster.Certificates;
using Coco.Cluster.Graph;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Members;
using Coco.Cluster.Tests.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Members;

/// <summary>
/// Whole members in virtual time: connections take 80 ms to make and may fail, frames take 20 ms and arrive in order, the disk takes 2 ms.
/// </summary>
internal sealed class MemberSimulation(ulong seed)
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly PriorityQueue<(SimulatedNode Node, int Life, Action<NetworkMember> Do), (TimeSpan, long)> _queue = new();
    private readonly Dictionary<NodeId, SimulatedNode> _byId = [];
    private readonly AdvertisementPool _pool = new(8192);
    private long _order;

    public MeshDice Dice { get; } = new(seed);

    public List<SimulatedNode> Nodes { get; } = [];

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>Connections that fail though both ends are up.</summary>
    public double Loss { get; set; }

    /// <summary>Whether only those can be called whose address record the caller has.</summary>
    public bool CallsNeedAddresses { get; set; }

    /// <summary>Connections that came about.</summary>
    public int Connections { get; private set; }

    public TimeSpan StoreDelay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Sees all that is sent.</summary>
    public Action<byte[]>? Sent { get; set; }

    /// <summary>Sees what is sent to peers that are no nodes of the simulation.</summary>
    public Action<NodeId, ReadOnlyMemory<byte>>? SentToOthers { get; set; }

    /// <summary>The same, with whom it is sent to.</summary>
    public Action<SimulatedNode, byte[]>? SentTo { get; set; }

    public MemberOptions Options { get; set; } = new();

    public IEnumerable<SimulatedNode> Up => Nodes.Where(node => node.Member is not null);

    public SimulatedNode Add(Action<SimulatedNode>? set = null)
    {
        var node = new SimulatedNode(Nodes.Count, MemberKeys.Generate(Dice.Source));
        set?.Invoke(node);
        Nodes.Add(node);
        _byId.Add(node.Id, node);
        return node;
    }

    public SimulatedNode Create(FoundingTerms? terms = null, Action<SimulatedNode>? set = null)
    {
        var node = Add(set);
        terms ??= new() { Name = "home", NodeName = "first", App = new("chat") };
        Start(node, NetworkMember.Create(terms with { Keys = node.Keys }, Options, HostOf(node), Now));
        return node;
    }

    public SimulatedNode Admit(
        SimulatedNode by, string name, Role role = Role.Guest, bool isDevice = false, Action<SimulatedNode>? set = null, SubClusterId subCluster = default)
    {
        var node = Add(set);
        var admission = by.Running.Admit(new(by.Running.Network, node.Id, WishOf(node, by.Running.Network, name, isDevice), null), new(role, subCluster, 0), Now);
        Drain(by);
        Start(node, NetworkMember.FromAdmission(node.Keys, admission, Options, HostOf(node), Now));
        node.Running.SetContacts([by.Id], Now);
        Drain(node);
        return node;
    }

    /// <summary>Joins by ticket, through the protocol; false when the sponsor would not have it.</summary>
    public bool Join(SimulatedNode node, Ticket ticket, SimulatedNode sponsor, string name)
    {
        var joiner = new Joiner(ticket, node.Id, WishOf(node, ticket.Network, name), new WelcomeStatements(new()), new(), Now);
        var (channel, exporter) = ((ulong)++_order, new byte[JoinBinding.ExporterSize]);
        Dice.Source.Fill(exporter);
        for (var rounds = 0; rounds < 100 && !joiner.IsFinished; rounds++)
        {
            while (joiner.TryTakeOutput(out var output))
            {
                if (output is JoinerOutput.Connect)
                {
                    sponsor.Running.HandleJoinOpened(channel, node.Id, exporter, Now);
                    joiner.HandleChannel(sponsor.Id, exporter, Now);
                }
                else if (output is JoinerOutput.Send send) { sponsor.Running.HandleJoinFrame(channel, send.Frame, Now); }
            }
            Drain(sponsor);
            RunFor(0.02);
            while (sponsor.JoinSends.TryDequeue(out var frame)) { joiner.HandleFrame(frame.Frame, Now); }
        }
        while (joiner.TryTakeOutput(out var output))
        {
            if (output is not JoinerOutput.Joined joined) { continue; }
            Start(node, NetworkMember.FromWelcome(node.Keys, ticket.Network, joined.Certificate, joined.Statements, Options, HostOf(node), Now));
            node.Running.HandleSponsor(sponsor.Id, record: null, Now);
            node.Running.SetContacts([sponsor.Id], Now);
            Drain(node);
            return true;
        }
        return false;
    }

    public static JoinWish WishOf(SimulatedNode node, NetworkId network, string name, bool isDevice = false) => new(
        node.Keys.UserId, NodeCertificate.Consent(node.Keys.User, network, node.Id), name, isDevice ? default : new("chat"), isDevice, false);

    public MemberHost HostOf(SimulatedNode node) =>
        new(Dice.Source, node.Clock == 0 ? 0 : node.Clock + (ulong)Now.TotalSeconds, node.IsClockTrusted, _pool, node.Log);

    public void Start(SimulatedNode node, NetworkMember member)
    {
        (node.Member, node.TimerAt) = (member, null);
        node.Life++;
        Drain(node);
    }

    public void Restart(SimulatedNode node) => Start(node, NetworkMember.Restore(node.Disk.Values, Options, HostOf(node), Now));

    /// <summary>Vanishes; what was not on disk is lost.</summary>
    public void Crash(SimulatedNode node)
    {
        node.Member = null;
        node.Life++;
        node.Dialing.Clear();
        node.Verified.Clear();
        foreach (var link in node.Links.Values.ToArray()) { Cut(link); }
        node.Links.Clear();
    }

    public void Partition(Func<SimulatedNode, int> groupOf)
    {
        foreach (var node in Nodes) { node.Group = groupOf(node); }
        foreach (var link in Nodes.SelectMany(node => node.Links.Values).Distinct().ToArray())
        {
            if (Nodes[link.One].Group != Nodes[link.Other].Group) { Cut(link); }
        }
    }

    public void RunFor(double seconds) => RunUntil(Now + TimeSpan.FromSeconds(seconds));

    /// <summary>Runs until the condition holds; false when it does not within the time.</summary>
    public bool RunUntil(Func<bool> holds, double withinSeconds)
    {
        var end = Now + TimeSpan.FromSeconds(withinSeconds);
        while (Now < end)
        {
            if (holds()) { return true; }
            RunUntil(Now + TimeSpan.FromMilliseconds(50));
        }
        return holds();
    }

    public void RunUntil(TimeSpan end)
    {
        while (_queue.TryPeek(out _, out var key) && key.Item1 <= end)
        {
            var (node, life, act) = _queue.Dequeue();
            Now = key.Item1;
            if (node.Life != life || node.Member is not { } member) { continue; }
            act(member);
            Drain(node);
        }
        Now = end;
    }

    public void At(TimeSpan at, SimulatedNode node, Action<NetworkMember> act) => _queue.Enqueue((node, node.Life, act), (at, _order++));

    /// <summary>Makes a connection without being asked, as a host does for an app.</summary>
    public void Connect(SimulatedNode from, SimulatedNode to)
    {
        if (from.Links.ContainsKey(to.Index) || !from.Dialing.Add(to.Index)) { return; }
        if (CallsNeedAddresses && from.Running.AddressOf(to.Id) is null)
        {
            At(Now, from, member =>
            {
                from.Dialing.Remove(to.Index);
                member.HandleConnectFailed(to.Id, Now, lacksAddress: true);
            });
            return;
        }
        var works = !Dice.Chance(Loss);
        At(Now + (works ? Delay * 4 : TimeSpan.FromSeconds(3)), from, member =>
        {
            from.Dialing.Remove(to.Index);
            if (from.Links.ContainsKey(to.Index)) { return; }
            if (!works || to.Member is not { } other || from.Group != to.Group || to.Links.ContainsKey(from.Index))
            {
                member.HandleConnectFailed(to.Id, Now);
                return;
            }
            Connections++;
            var link = new MemberLink(from.Index, to.Index);
            from.Links.Add(to.Index, link);
            to.Links.Add(from.Index, link);
            member.HandleConnected(to.Id, Delay * 2, Now);
            other.HandleConnected(from.Id, Delay * 2, Now);
            Drain(to);
        });
    }

    /// <summary>Lets the user of a node act.</summary>
    public T Act<T>(SimulatedNode node, Func<NetworkMember, T> act)
    {
        var result = act(node.Running);
        Drain(node);
        return result;
    }

    public void Drain(SimulatedNode node)
    {
        while (node.Member is { } member && member.TryTakeOutput(out var output)) { Do(node, output!); }
        if (node.Member?.Deadline is not { } deadline || (node.TimerAt is { } set && set <= deadline)) { return; }
        var at = deadline > Now ? deadline : Now;
        node.TimerAt = at;
        At(at, node, member =>
        {
            if (node.TimerAt == Now) { node.TimerAt = null; }
            member.HandleTimeout(Now);
        });
    }

    private void Do(SimulatedNode node, MemberOutput output)
    {
        switch (output)
        {
            case MemberOutput.Send send when _byId.TryGetValue(send.Peer, out var to): Send(node, to, send.Frames.ToArray()); break;
            case MemberOutput.Send send: SentToOthers?.Invoke(send.Peer, send.Frames); break;
            case MemberOutput.Connect connect when _byId.TryGetValue(connect.Peer, out var to): Connect(node, to); break;
            case MemberOutput.Connect connect: At(Now + TimeSpan.FromSeconds(3), node, member => member.HandleConnectFailed(connect.Peer, Now)); break;
            case MemberOutput.Disconnect disconnect:
                node.Dismissed.Add((disconnect.Peer, disconnect.Reason));
                if (_byId.TryGetValue(disconnect.Peer, out var gone)) { Close(node, gone); }
                else { At(Now, node, member => member.HandleDisconnected(disconnect.Peer, Now)); }
                break;
            case MemberOutput.Verified verified: node.Verified.Add(verified.Peer); break;
            case MemberOutput.Write write: Write(node, write); break;
            case MemberOutput.Invited invited: node.Tickets.Enqueue(invited.Ticket); break;
            case MemberOutput.JoinSend join: node.JoinSends.Enqueue(join); break;
            case MemberOutput.LookedUp lookedUp: node.LookedUp[lookedUp.Number] = lookedUp.Outcome; break;
            case MemberOutput.Happened happened: node.Events.Add(happened.Event); break;
        }
    }

    private void Write(SimulatedNode node, MemberOutput.Write write)
    {
        At(Now + StoreDelay, node, member =>
        {
            if (node.StoreFailures > 0)
            {
                node.StoreFailures--;
                member.HandleStoreFailed(write.Number, Now);
                return;
            }
            if (node.WritesLeft-- <= 0)
            {
                node.WritesLeft = 0;
                return;
            }
            node.StoredWrites++;
            Store(node, write.Rows);
            member.HandleStored(write.Number, Now);
        });
    }

    public static void Store(SimulatedNode node, IReadOnlyList<MemberRow> rows)
    {
        foreach (var row in rows)
        {
            var key = (row.Table, Convert.ToHexString(row.Key.Span));
            if (row.Value.IsEmpty) { node.Disk.Remove(key); } else { node.Disk[key] = row; }
        }
    }

    private void Send(SimulatedNode from, SimulatedNode to, byte[] frames)
    {
        from.SentBytes += frames.Length;
        Sent?.Invoke(frames);
        SentTo?.Invoke(to, frames);
        if (!from.Links.TryGetValue(to.Index, out var link) || link.Cut) { return; }
        var side = link.One == from.Index ? 0 : 1;
        link.LastArrival[side] = Later(link.LastArrival[side], Now + Delay);
        At(link.LastArrival[side], to, member =>
        {
            if (!link.Cut && to.Links.GetValueOrDefault(from.Index) == link) { member.HandleFrames(from.Id, frames, Now); }
        });
    }

    private void Close(SimulatedNode from, SimulatedNode to)
    {
        if (!from.Links.TryGetValue(to.Index, out var link)) { return; }
        var side = link.One == from.Index ? 0 : 1;
        Down(from, to, link, Now);
        Down(to, from, link, Later(link.LastArrival[side], Now + Delay));
    }

    private void Cut(MemberLink link)
    {
        if (link.Cut) { return; }
        link.Cut = true;
        Down(Nodes[link.One], Nodes[link.Other], link, Now + Dice.Between(1000, 3000));
        Down(Nodes[link.Other], Nodes[link.One], link, Now + Dice.Between(1000, 3000));
    }

    private void Down(SimulatedNode node, SimulatedNode other, MemberLink link, TimeSpan at) => At(at, node, member =>
    {
        if (node.Links.GetValueOrDefault(other.Index) != link) { return; }
        node.Links.Remove(other.Index);
        node.Verified.Remove(other.Id);
        member.HandleDisconnected(other.Id, Now);
    });

    /// <summary>A hash of what a node holds true of the network.</summary>
    public static string StateOf(SimulatedNode node) => Convert.ToHexString(SHA256.HashData(node.Running.State.Canonical.Span));

    public bool HaveOneState() => Up.Select(StateOf).Distinct().Count() == 1;

    public bool AllReachable() => Up.All(node => Up.All(other => other == node || IsReachable(node, other.Id)));

    public static bool IsReachable(SimulatedNode node, NodeId other)
    {
        var slot = node.Running.Mesh.Graph.SlotOf(other);
        return slot >= 0 && node.Running.Mesh.Graph[slot].Reachable;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
