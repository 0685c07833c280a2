namespace Coco.Cluster.Invitations;

/// <content>From a joiner's frame to its answer.</content>
internal sealed partial class Sponsor
{
    /// <summary>Takes a frame from a joiner.</summary>
    public void HandleFrame(ulong number, in JoinFrame frame, ulong bestTime, TimeSpan now)
    {
        if (!_channels.TryGetValue(number, out var channel) || channel.Waiting is not null) { return; }
        if (frame.Type is not JoinFrameType.Join || !JoinRequest.TryRead(frame.Body.Span, out var request))
        {
            Refuse(channel, JoinRefusal.Malformed);
            return;
        }
        if (!_tickets.TryGetValue(request.Ticket, out var entry))
        {
            // The name of a ticket is as hard to guess as its secret: who has one is never made to wait for those who have none.
            Refuse(channel, _guesses.TryTake(now) ? JoinRefusal.NotValid : JoinRefusal.Busy);
            return;
        }
        if (!JoinRequest.IsProved(frame.Body.Span, entry.Record.Key, channel.Binding))
        {
            Refuse(channel, entry.WrongProofs.TryTake(now) ? JoinRefusal.NotValid : JoinRefusal.Busy);
            return;
        }
        channel.JoinHash = JoinRequest.HashOf(frame.Body.Span);
        Answer(channel, request, entry, bestTime);
    }

    /// <summary>A write is on disk for good.</summary>
    public void HandlePersisted(ulong number)
    {
        if (FindWrite(number) is not { } entry) { return; }
        (entry.Durable, entry.Writing) = (entry.Record, 0);
        if (entry.Unannounced is { } ticket)
        {
            entry.Unannounced = null;
            _outputs.Enqueue(new SponsorOutput.Invited(ticket));
        }
        if (entry.Record.State is not TicketState.Used) { return; }
        if (entry.Record.Certificate.IsEmpty)
        {
            Certify(entry);
            return;
        }
        _outputs.Enqueue(new SponsorOutput.Admitted(entry.Record.Id, entry.Record.Node, entry.Record.Certificate));
        foreach (var channel in WaitingFor(entry)) { Welcome(channel, entry); }
    }

    /// <summary>A write failed: what it was to record has not happened.</summary>
    public void HandlePersistFailed(ulong number)
    {
        if (FindWrite(number) is not { } entry) { return; }
        foreach (var channel in WaitingFor(entry)) { Refuse(channel, JoinRefusal.Busy); }
        (entry.Writing, entry.Unannounced) = (0, null);
        if (entry.Durable is null) { _tickets.Remove(entry.Record.Id); }
        else { entry.Record = entry.Durable; }
    }

    private void Answer(JoinChannel channel, JoinRequest request, TicketEntry entry, ulong bestTime)
    {
        var record = entry.Record;
        if (entry.IsUsedBy(channel.Binding.Joiner, request.Wish.User))
        {
            channel.Waiting = request;
            if (entry.Writing != 0) { return; }
            if (record.Certificate.IsEmpty) { Certify(entry); }
            else { Welcome(channel, entry); }
            return;
        }
        // While a write is under way it is not yet true that the ticket is used or revoked: nobody is told so.
        JoinRefusal? refusal = entry.Writing != 0 ? JoinRefusal.Busy
            : record.State is TicketState.Used ? JoinRefusal.Used
            : record.State is TicketState.Revoked ? JoinRefusal.Revoked
            : bestTime >= record.Terms.Expiry ? JoinRefusal.Expired
            : certifier.Check(channel.Binding.Joiner, request.Wish, record.Terms);
        if (refusal is { } reason)
        {
            Refuse(channel, reason);
            return;
        }
        channel.Waiting = request;
        Write(entry, record with { State = TicketState.Used, Node = channel.Binding.Joiner, User = request.Wish.User });
    }

    // The use is on disk. Who waits is the winner; when it is gone, it will ask again.
    private void Certify(TicketEntry entry)
    {
        if (WaitingFor(entry).FirstOrDefault() is not { Waiting: { } request }) { return; }
        var certificate = certifier.Certify(entry.Record.Node, request.Wish, entry.Record.Terms);
        if (!certificate.IsEmpty)
        {
            Write(entry, entry.Record with { Certificate = certificate });
            return;
        }
        foreach (var channel in WaitingFor(entry)) { Refuse(channel, JoinRefusal.NotAllowed); }
    }

    private void Welcome(JoinChannel channel, TicketEntry entry)
    {
        var statements = certifier.StatementsForNewcomer();
        var frames = StatementFrames.Write(statements);
        var message = new WelcomeMessage(entry.Record.Certificate, statements.Count, StatementFrames.HashOf(frames));
        Send(channel, new(JoinFrameType.Welcome, message.Prove(entry.Record.Key, channel.Binding, channel.JoinHash)));
        foreach (var frame in frames) { Send(channel, new(JoinFrameType.Statements, frame)); }
        Finish(channel, isMember: true);
    }

    private void Refuse(JoinChannel channel, JoinRefusal reason)
    {
        _outputs.Enqueue(new SponsorOutput.Denied(channel.Binding.Joiner, reason));
        Send(channel, new(JoinFrameType.Refused, new[] { (byte)reason }));
        Finish(channel, isMember: false);
    }

    private void Send(JoinChannel channel, JoinFrame frame) => _outputs.Enqueue(new SponsorOutput.Send(channel.Number, frame));

    private void Finish(JoinChannel channel, bool isMember)
    {
        _channels.Remove(channel.Number);
        _outputs.Enqueue(new SponsorOutput.Finish(channel.Number, isMember));
    }

    private TicketEntry? FindWrite(ulong number) => _tickets.Values.FirstOrDefault(entry => entry.Writing == number && number != 0);

    private JoinChannel[] WaitingFor(TicketEntry entry) =>
        [.. _channels.Values.Where(channel => channel.Waiting?.Ticket == entry.Record.Id && channel.Binding.Joiner == entry.Record.Node)];
}
