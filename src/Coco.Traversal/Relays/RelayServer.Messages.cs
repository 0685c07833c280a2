using Coco.Traversal.Records;

namespace Coco.Traversal.Relays;

/// <summary>Control messages in and out.</summary>
internal sealed partial class RelayServer
{
    private readonly Queue<RelayServerClient> _ready = [];
    private readonly LinkedList<RelayServerClient> _blocked = [];
    private long _queuedBytes;
    private long _refused;
    private long _evicted;
    private long _cut;

    /// <summary>One message of a client's control stream. Those of unknown type are skipped; a body that breaks the protocol ends the client.</summary>
    public void HandleMessage(int client, ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!_clients.TryGetValue(client, out var sender) || sender.IsCut || !IsRequest(type)) { return; }
        // Publishing costs us a verification, the others an answer; closing only frees.
        var isGranted = type == (ulong)RelayMessageType.Close || sender.Account.TryTakeMessage(now);
        if (!isGranted && type == (ulong)RelayMessageType.Publish) { return; }
        if (!isGranted && type == (ulong)RelayMessageType.Register)
        {
            Refuse(sender, 0, RelayRefusal.Quota);
            return;
        }
        if (!RelayMessageCodec.TryRead(type, body, out var message))
        {
            Cut(sender, RelayDisconnect.ProtocolError);
            return;
        }
        switch (message)
        {
            case RelayMessage.Register register: Register(sender, register); break;
            case RelayMessage.Publish publish: Publish(sender, publish.Record); break;
            case RelayMessage.Resolve resolve when isGranted: Resolve(sender, resolve); break;
            case RelayMessage.Resolve resolve: Refuse(sender, resolve.Request, RelayRefusal.Quota); break;
            case RelayMessage.Open open when isGranted: Open(sender, open, now); break;
            case RelayMessage.Open open: Refuse(sender, open.Request, RelayRefusal.Quota); break;
            case RelayMessage.Close close: Close(sender, close.Session); break;
        }
    }

    /// <summary>Takes a message for a client's control stream.</summary>
    public bool TryTakeMessage(out int client, out ulong type, out ReadOnlyMemory<byte> body)
    {
        while (_ready.TryDequeue(out var next))
        {
            next.IsReady = false;
            if (next.Blocked is not null || !next.Messages.TryDequeue(out var message)) { continue; }
            next.QueuedBytes -= message.Cost;
            _queuedBytes -= message.Cost;
            MakeReady(next);
            (client, type, body) = (next.Number, (ulong)message.Type, message.Bytes);
            return true;
        }
        (client, type, body) = (-1, 0, default);
        return false;
    }

    /// <summary>The stream of a client takes no more for now: its messages wait here, where they are counted, until
    /// <see cref="HandleWritable"/>.</summary>
    public void HandleBlocked(int client)
    {
        if (_clients.TryGetValue(client, out var blocked) && !blocked.IsCut) { blocked.Blocked ??= _blocked.AddLast(blocked); }
    }

    /// <summary>The stream of a client takes messages again.</summary>
    public void HandleWritable(int client)
    {
        if (!_clients.TryGetValue(client, out var writable)) { return; }
        Unblock(writable);
        MakeReady(writable);
    }

    private static bool IsRequest(ulong type) => type is >= (ulong)RelayMessageType.Register and <= (ulong)RelayMessageType.Close;

    private void Register(RelayServerClient client, RelayMessage.Register message)
    {
        if (IsDraining)
        {
            Refuse(client, 0, RelayRefusal.Draining);
            return;
        }
        if (_registered.TryGetValue(client.Id, out var older) && older != client)
        {
            // Its sessions hold: a node that runs twice by mistake must not lose what works.
            Unregister(older);
            older.IsSuperseded = true;
            Send(older, new RelayMessage.Superseded());
        }
        (client.Registration, client.IsSuperseded) = (message.Preference, false);
        _registered[client.Id] = client;
        var quota = client.Account.Quota;
        var limits = new RelayLimits(
            (ulong)MaxSessionsOf(client), (ulong)quota.BytesPerSecond, (ulong)quota.PacketsPerSecond, (ulong)client.Account.BytesLeft);
        Send(client, new RelayMessage.Registered(client.Link.Remote, limits, options.KeepAlive, options.Url));
        if (message.Record is not null) { Publish(client, message.Record); }
    }

    private void Publish(RelayServerClient client, AddressRecord record)
    {
        if (record.Id != client.Id)
        {
            Cut(client, RelayDisconnect.ProtocolError);
            return;
        }
        // A node that lost its counter, or whose clock was set back, learns here where it has to go on.
        if (!_records.TryAdd(record)) { Send(client, new RelayMessage.Found(0, _records.Find(client.Id))); }
        else if (options.HasPresence) { _published.Enqueue(record); } // the host takes it at the end of its turn
    }

    private void Open(RelayServerClient caller, RelayMessage.Open message, TimeSpan now)
    {
        if (TryRefuseOpen(caller, message, now, out var target)) { return; }
        if (FindCommon(caller, target) is { } existing)
        {
            Send(caller, new RelayMessage.Opened(message.Request, existing.Number));
            return;
        }
        if (!TryMakeRoom(caller, now))
        {
            Refuse(caller, message.Request, RelayRefusal.Quota);
            return;
        }
        if (!TryMakeRoom(target, now) || !TryMakeRoom(now))
        {
            Refuse(caller, message.Request, RelayRefusal.Busy);
            return;
        }
        // Whoever was told of an eviction may have been a slow reader and is gone.
        if (caller.IsCut || target.IsCut) { return; }
        var session = _sessions.Add(caller, target, now);
        Send(caller, new RelayMessage.Opened(message.Request, session.Opener.Number));
        Send(target, new RelayMessage.Incoming(session.Target.Number, caller.Id));
    }

    private bool TryRefuseOpen(RelayServerClient caller, RelayMessage.Open message, TimeSpan now, out RelayServerClient target)
    {
        target = _registered.GetValueOrDefault(message.Target)!;
        RelayRefusal? refusal =
            IsDraining ? RelayRefusal.Draining
            : !caller.Account.TryTakeOpen(now) ? RelayRefusal.Quota
            : message.Target == caller.Id ? RelayRefusal.Policy
            : target is null ? RelayRefusal.NotRegistered
            : !MayMeet(caller, target) ? RelayRefusal.Policy
            : null;
        if (refusal is { } reason) { Refuse(caller, message.Request, reason); }
        return refusal is not null;
    }

    // Two clients have one session at most: asking again, or both at once, gives the one there is. So no client fills another's table.
    private static RelayLeg? FindCommon(RelayServerClient caller, RelayServerClient target)
    {
        var fewer = caller.Legs.Count <= target.Legs.Count ? caller : target;
        var other = fewer == caller ? target : caller;
        foreach (var leg in fewer.Legs)
        {
            if (leg.Other.Client == other) { return fewer == caller ? leg : leg.Other; }
        }
        return null;
    }

    private bool TryMakeRoom(RelayServerClient client, TimeSpan now)
    {
        if (client.Legs.Count < MaxSessionsOf(client)) { return true; }
        var oldest = client.Legs[0].Session;
        foreach (var leg in client.Legs)
        {
            if (leg.Session.LastUse < oldest.LastUse) { oldest = leg.Session; }
        }
        return TryEvict(oldest, now);
    }

    private bool TryMakeRoom(TimeSpan now) => _sessions.Count < options.MaxSessions || TryEvict(_sessions.Oldest!, now);

    private bool TryEvict(RelaySession session, TimeSpan now)
    {
        if (now - session.LastUse < options.SessionIdle) { return false; }
        _evicted++;
        Remove(session);
        Send(session.Opener.Client, new RelayMessage.Closed(session.Opener.Number, RelayCloseReason.Evicted));
        Send(session.Target.Client, new RelayMessage.Closed(session.Target.Number, RelayCloseReason.Evicted));
        return true;
    }

    private void Close(RelayServerClient client, ulong number)
    {
        if (_sessions.Find(number) is not { } leg || leg.Client != client) { return; }
        Remove(leg.Session);
        Send(leg.Other.Client, new RelayMessage.Closed(leg.Other.Number, RelayCloseReason.Closed));
    }

    private void Refuse(RelayServerClient client, ulong request, RelayRefusal reason)
    {
        _refused++;
        Send(client, new RelayMessage.Refused(request, reason));
    }

    private void Send(RelayServerClient client, RelayMessage message)
    {
        if (client.IsCut) { return; }
        var body = new RelayMessageBody(message.Type, RelayMessageCodec.Write(message));
        // Those that have not read for longest pay for the memory of all.
        while (_queuedBytes + body.Cost > options.MaxQueuedBytes && _blocked.First is { } slowest) { Cut(slowest.Value, RelayDisconnect.SlowReader); }
        if (client.QueuedBytes + body.Cost > options.MaxQueuedBytesPerClient || _queuedBytes + body.Cost > options.MaxQueuedBytes)
        {
            Cut(client, RelayDisconnect.SlowReader);
        }
        if (client.IsCut) { return; }
        client.Messages.Enqueue(body);
        client.QueuedBytes += body.Cost;
        _queuedBytes += body.Cost;
        MakeReady(client);
    }

    private void DropMessages(RelayServerClient client)
    {
        _queuedBytes -= client.QueuedBytes;
        client.QueuedBytes = 0;
        client.Messages.Clear();
        Unblock(client);
    }

    private void Unblock(RelayServerClient client)
    {
        if (client.Blocked is not { } node) { return; }
        client.Blocked = null;
        _blocked.Remove(node);
    }

    private void MakeReady(RelayServerClient client)
    {
        if (client.IsReady || client.Blocked is not null || client.Messages.Count == 0) { return; }
        client.IsReady = true;
        _ready.Enqueue(client);
    }
}
