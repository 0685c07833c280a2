using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

/// <summary>
/// A sponsor with a disk, and joiners with one ticket. Each step is one thing that can happen next: a frame arrives, a write reaches the
/// disk, the disk reports, the sponsor's process dies. Which comes next is for the caller to choose.
/// </summary>
internal sealed class JoinWorld
{
    private readonly NodeId _self = InvitationSamples.Id(2);
    private readonly Dictionary<TicketId, byte[]> _disk = [];
    private readonly Queue<SponsorOutput.Persist> _toDisk = [];
    private readonly Queue<ulong> _reports = [];
    private readonly List<WorldJoiner> _joiners = [];
    private readonly FakeCertifier _certifier = new();
    private Sponsor _sponsor;
    private ulong _channels;

    public JoinWorld()
    {
        _sponsor = NewSponsor();
        Assert.True(_sponsor.TryInvite(
            new(Role.Guest, default, InvitationSamples.Expiry), [InvitationSamples.Sponsor(2)], InvitationSamples.Now, out _));
        while (Ticket is null)
        {
            foreach (var step in Steps().ToArray()) { step(); }
        }
    }

    public TimeSpan Now { get; private set; }

    public int Crashes { get; private set; }

    public Ticket? Ticket { get; private set; }

    public IReadOnlyList<WorldJoiner> Joiners => _joiners;

    public WorldJoiner AddJoiner(int key)
    {
        var joiner = new WorldJoiner(new(Ticket!, InvitationSamples.Id(key), InvitationSamples.Wish(key + 100), new FakeVerifier(), new(), Now), InvitationSamples.Id(key));
        _joiners.Add(joiner);
        return joiner;
    }

    /// <summary>All that can happen next, in a fixed order.</summary>
    public List<Action> Steps()
    {
        TakeOutputs();
        var steps = new List<Action>();
        if (_toDisk.Count > 0) { steps.Add(WriteToDisk); }
        if (_reports.Count > 0) { steps.Add(() => _sponsor.HandlePersisted(_reports.Dequeue())); }
        foreach (var joiner in _joiners)
        {
            if (joiner.ToSponsor.Count > 0)
            {
                steps.Add(() => _sponsor.HandleFrame(joiner.Channel, joiner.ToSponsor.Dequeue(), InvitationSamples.Now, Now));
            }
            if (joiner.FromSponsor.Count > 0) { steps.Add(() => joiner.Core.HandleFrame(joiner.FromSponsor.Dequeue(), Now)); }
            if (joiner.WantsChannel) { steps.Add(() => Open(joiner)); }
        }
        return steps;
    }

    public void Crash()
    {
        Crashes++;
        _toDisk.Clear();
        _reports.Clear();
        _sponsor = NewSponsor();
        foreach (var joiner in _joiners)
        {
            joiner.ToSponsor.Clear();
            joiner.FromSponsor.Clear();
            if (joiner.Channel != 0) { joiner.Core.HandleChannelClosed(Now); }
            joiner.Channel = 0;
        }
    }

    /// <summary>Nothing can happen before the next timer.</summary>
    public void LetTimePass()
    {
        Now += TimeSpan.FromMilliseconds(250);
        _sponsor.HandleTimeout(Now);
        foreach (var joiner in _joiners) { joiner.Core.HandleTimeout(Now); }
    }

    public void RunToEnd(Random random)
    {
        for (var i = 0; i < 5_000 && _joiners.Exists(joiner => !joiner.Core.IsFinished); i++)
        {
            var steps = Steps();
            if (steps.Count == 0) { LetTimePass(); }
            else { steps[random.Next(steps.Count)](); }
        }
        TakeOutputs();
        Assert.All(_joiners, joiner => Assert.True(joiner.Core.IsFinished));
    }

    private Sponsor NewSponsor()
    {
        var sponsor = new Sponsor(InvitationSamples.Network, _self, _certifier, new SeededRandomSource(77), new());
        foreach (var bytes in _disk.Values)
        {
            Assert.True(TicketRecord.TryDecode(bytes, out var record));
            sponsor.Load(record);
        }
        return sponsor;
    }

    private void WriteToDisk()
    {
        var write = _toDisk.Dequeue();
        _disk[write.Record.Id] = write.Record.Encode();
        _reports.Enqueue(write.Number);
    }

    private void Open(WorldJoiner joiner)
    {
        joiner.WantsChannel = false;
        joiner.Channel = ++_channels;
        var exporter = new byte[JoinBinding.ExporterSize];
        exporter[0] = (byte)joiner.Channel;
        _sponsor.HandleChannel(joiner.Channel, joiner.Id, exporter, Now);
        joiner.Core.HandleChannel(_self, exporter, Now);
    }

    private void TakeOutputs()
    {
        while (_sponsor.TryTakeOutput(out var output))
        {
            switch (output)
            {
                case SponsorOutput.Persist persist: _toDisk.Enqueue(persist); break;
                case SponsorOutput.Invited invited: Ticket = invited.Ticket; break;
                case SponsorOutput.Send send: _joiners.Find(joiner => joiner.Channel == send.Channel)?.FromSponsor.Enqueue(send.Frame); break;
            }
        }
        foreach (var joiner in _joiners) { joiner.TakeOutputs(_sponsor); }
    }
}
