using Coco.Cluster.Invitations;
using Coco.Transport;

namespace Coco.Hosting;

/// <content>The sponsor's side of the join protocol, a stream of a connection whose peer belongs to nothing yet; and what becomes of that connection.</content>
internal sealed partial class MemberLoop
{
    private readonly Dictionary<ulong, (PeerLink Link, FrameStream Frames)> _joins = [];
    private readonly Dictionary<TicketId, TaskCompletionSource<Ticket>> _invited = [];
    private ulong _lastChannel;
    private Connection? _joinedOver;

    /// <summary>The connection over which this node joined, the first of its mesh.</summary>
    public void HandleJoined(Connection connection)
    {
        _joinedOver = connection;
        _member.HandleSponsor(connection.PeerId, connection.PeerRecord, Now);
        HandleDialed(connection);
    }

    /// <summary>Serves a join stream until it ends.</summary>
    public async Task ServeJoinAsync(PeerLink link, ConnectionStream stream)
    {
        var exporter = new byte[JoinBinding.ExporterSize];
        if (!link.Connection.TryExportKeyingMaterial(JoinStream.ExporterLabel, [], exporter)) { return; }
        var channel = Interlocked.Increment(ref _lastChannel);
        var frames = new FrameStream(stream);
        await PostAsync(() => HandleJoinOpened(channel, link, frames, exporter)).ConfigureAwait(false);
        var writing = frames.WriteAsync();
        try
        {
            await frames.ReadAsync(bytes =>
            {
                var copy = bytes.ToArray();
                return PostAsync(() => HandleJoinFrames(channel, copy));
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // The joiner has gone.
        }
        await PostAsync(() => HandleJoinClosed(channel)).ConfigureAwait(false);
        await writing.ConfigureAwait(false);
    }

    // It may have been lost before either side knew the other as a member, and who has just joined knows nobody else.
    private void HandleSponsorLost(PeerLink link)
    {
        _joinedOver = null;
        _member.HandleSponsor(link.Peer, link.Connection.PeerRecord, Now);
        _member.SetContacts([link.Peer], Now);
        TakeOutputs();
    }

    private void HandleJoinOpened(ulong channel, PeerLink link, FrameStream frames, byte[] exporter)
    {
        if (HasJoin(link) || link.IsClosing)
        {
            frames.Complete(); // one at a time
            return;
        }
        if (!link.IsVerified) { link.CloseAt = Now + JoinTime; }
        _joins.Add(channel, (link, frames));
        _member.HandleJoinOpened(channel, link.Peer, exporter, Now);
    }

    private void HandleJoinFrames(ulong channel, byte[] frames)
    {
        for (var rest = frames.AsMemory(); !rest.IsEmpty && _joins.ContainsKey(channel);)
        {
            var frame = JoinStream.Take(ref rest);
            _member.HandleJoinFrame(channel, frame, Now);
            TakeOutputs();
        }
    }

    private void HandleJoinClosed(ulong channel)
    {
        if (!_joins.Remove(channel, out var join)) { return; }
        join.Frames.Complete();
        _member.HandleJoinClosed(channel);
    }

    private void SendJoin(ulong channel, in JoinFrame frame)
    {
        if (_joins.TryGetValue(channel, out var join)) { join.Frames.TrySend(JoinStream.Encode(frame)); }
    }

    private void FinishJoin(ulong channel, bool isMember)
    {
        if (!_joins.Remove(channel, out var join)) { return; }
        join.Frames.Complete();
        // A newcomer opens its mesh stream on the same connection. Who was refused hears why, and is closed.
        if (!join.Link.IsVerified) { join.Link.CloseAt = Now + (isMember ? ProofTime : Farewell); }
    }

    private bool HasJoin(PeerLink link) => _joins.Values.Any(join => join.Link == link);

    /// <summary>Makes a ticket, which is handed out once it is stored.</summary>
    public async Task<Ticket> InviteAsync(Func<ulong, TicketTerms> terms, CancellationToken cancellationToken)
    {
        // A node that has just started may not know its addresses yet.
        await Task.WhenAny(_hasRecord.Task, Task.Delay(Farewell, _options.TimeProvider, cancellationToken)).ConfigureAwait(false);
        var invited = new TaskCompletionSource<Ticket>(TaskCreationOptions.RunContinuationsAsynchronously);
        await AskAsync(
            (member, now) =>
            {
                var id = member.Invite(terms(BestTime(now)), [SelfAsSponsor()], now);
                _invited[id] = invited;
                return id;
            },
            cancellationToken).ConfigureAwait(false);
        return await invited.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // Until when a ticket is good says its sponsor's best time, and the machine's clock where that knows nothing.
    private ulong BestTime(TimeSpan now) =>
        _member.Time(now).UnixSeconds is > 0 and var known ? known : (ulong)Math.Max(0, _options.TimeProvider.GetUtcNow().ToUnixTimeSeconds());

    private void HandleInvited(Ticket ticket)
    {
        if (_invited.Remove(ticket.Id, out var invited)) { invited.TrySetResult(ticket); }
    }

    // Relays are named even where registration is still under way: whoever joins asks them again for a while.
    private TicketSponsor SelfAsSponsor()
    {
        var record = _endpoint.RecordOf(Self);
        var relays = (record?.Relays ?? []).Concat(RelaysFor(Self)).DistinctBy(static relay => relay.Id);
        return new(Self, [.. relays.Take(TicketSponsor.MaxRelays)], [.. (record?.Addresses ?? []).Take(TicketSponsor.MaxAddresses)]);
    }
}
