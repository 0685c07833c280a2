using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>
/// The inviter's side: makes tickets, takes them back and lets joiners in. A ticket is good for one node. Its use is on disk before the
/// node's certificate is made, and that is on disk before it is sent: whatever crashes in between, nobody else can have the ticket, and
/// the same node gets the same certificate when it asks again.
/// </summary>
internal sealed partial class Sponsor(NetworkId network, NodeId self, ICertifier certifier, RandomSource random, SponsorOptions options)
{
    private readonly Dictionary<TicketId, TicketEntry> _tickets = [];
    private readonly Dictionary<ulong, JoinChannel> _channels = [];
    private readonly Queue<SponsorOutput> _outputs = [];
    private TokenBucket _guesses = new(options.GuessBurst, options.GuessInterval);
    private ulong _writes;

    public IEnumerable<TicketRecord> Tickets => _tickets.Values.Select(entry => entry.Record);

    /// <summary>When <see cref="HandleTimeout"/> is due; the largest value for never.</summary>
    public TimeSpan Deadline => _channels.Count == 0 ? TimeSpan.MaxValue : _channels.Values.Min(channel => channel.Deadline);

    /// <summary>Takes a record from disk, at start.</summary>
    public void Load(TicketRecord record)
    {
        if (_tickets.Count < options.MaxTickets) { _tickets[record.Id] = NewEntry(record, durable: record); }
    }

    /// <summary>Makes a ticket; it comes out as <see cref="SponsorOutput.Invited"/> once it is on disk. False when there are too many.</summary>
    public bool TryInvite(TicketTerms terms, IReadOnlyList<TicketSponsor> sponsors, ulong bestTime, out TicketId id)
    {
        ForgetExpired(bestTime);
        id = default;
        if (_tickets.Count >= options.MaxTickets) { return false; }
        var secret = TicketSecret.Generate(random);
        var ticket = new Ticket(network, secret, terms, sponsors);
        var entry = NewEntry(new(ticket.Id, secret.DeriveKey(), terms), durable: null);
        entry.Unannounced = ticket;
        _tickets.Add(ticket.Id, entry);
        Write(entry, entry.Record);
        id = ticket.Id;
        return true;
    }

    /// <summary>Takes a ticket back. False when there is none, or somebody has used it: then it is the node that has to be revoked.</summary>
    public bool Revoke(TicketId id)
    {
        if (!_tickets.TryGetValue(id, out var entry) || entry.Record.State is TicketState.Used) { return false; }
        entry.Unannounced = null;
        if (entry.Record.State is TicketState.Open) { Write(entry, entry.Record with { State = TicketState.Revoked }); }
        return true;
    }

    /// <summary>Uses a ticket for a node that asked without a connection. The same node may come again, as nobody knows what it has heard.</summary>
    /// <param name="id">The ticket.</param>
    /// <param name="node">The node, the only one that the ticket is good for from then on.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="bestTime">In seconds since 1970-01-01 UTC.</param>
    /// <returns>False when there is no such ticket, it is over or taken back, or another node has it.</returns>
    public bool TryUse(TicketId id, NodeId node, UserId user, ulong bestTime)
    {
        if (!_tickets.TryGetValue(id, out var entry)) { return false; }
        if (entry.Record.State is TicketState.Used) { return entry.Record.Node == node; }
        if (entry.Record.State is not TicketState.Open || entry.Writing != 0 || bestTime >= entry.Record.Terms.Expiry) { return false; }
        Write(entry, entry.Record with { State = TicketState.Used, Node = node, User = user });
        return true;
    }

    /// <summary>A stranger opened a channel. The exporter is the channel's, under <see cref="JoinBinding.ExporterLabel"/>.</summary>
    public void HandleChannel(ulong channel, NodeId joiner, ReadOnlyMemory<byte> exporter, TimeSpan now)
    {
        // Whoever says nothing makes room: strangers who only hold channels open keep nobody out.
        if (_channels.Count >= options.MaxChannels && _channels.Values.Where(static open => open.Waiting is null).MinBy(static open => open.Deadline) is { } oldest)
        {
            _outputs.Enqueue(new SponsorOutput.Denied(oldest.Binding.Joiner, JoinRefusal.Stalled));
            Finish(oldest, isMember: false);
        }
        if (_channels.Count >= options.MaxChannels)
        {
            _outputs.Enqueue(new SponsorOutput.Denied(joiner, JoinRefusal.Busy));
            _outputs.Enqueue(new SponsorOutput.Finish(channel, IsMember: false));
            return;
        }
        _channels[channel] = new(channel, new(exporter, joiner, self), now + options.ChannelTimeout);
    }

    public void HandleChannelClosed(ulong channel) => _channels.Remove(channel);

    public void HandleTimeout(TimeSpan now)
    {
        foreach (var channel in _channels.Values.Where(channel => channel.Deadline <= now).ToArray())
        {
            _outputs.Enqueue(new SponsorOutput.Denied(channel.Binding.Joiner, JoinRefusal.Stalled));
            Finish(channel, isMember: false);
        }
    }

    public bool TryTakeOutput(out SponsorOutput? output) => _outputs.TryDequeue(out output);

    private TicketEntry NewEntry(TicketRecord record, TicketRecord? durable) =>
        new(record) { Durable = durable, WrongProofs = new(options.GuessBurst, options.GuessInterval) };

    private void Write(TicketEntry entry, TicketRecord record)
    {
        entry.Record = record;
        entry.Writing = ++_writes;
        _outputs.Enqueue(new SponsorOutput.Persist(entry.Writing, record));
    }

    // Without its record a ticket is unknown, and so refused: forgetting is safe even if the clock was wrong.
    private void ForgetExpired(ulong bestTime)
    {
        foreach (var entry in _tickets.Values.Where(entry => entry.Writing == 0 && entry.Record.Terms.Expiry <= bestTime).ToArray())
        {
            _tickets.Remove(entry.Record.Id);
            _outputs.Enqueue(new SponsorOutput.Forget(entry.Record.Id));
        }
    }
}
