using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Traversal.Relays;

/// <summary>
/// A relay: it introduces clients to each other and swaps session numbers in the datagrams between them. It knows nothing of QUIC; its
/// host feeds it the messages of authenticated control connections and the datagrams that begin with 0x05.
/// </summary>
/// <remarks>
/// Whoever shows a valid session number may send, from anywhere, so that a client which moves loses nothing; but data goes only to where
/// a client's control connection is. So nobody can make a relay send to an address that did not prove itself.
/// </remarks>
internal sealed partial class RelayServer(RelayServerOptions options, RandomSource random, ILogger? logger = null)
{
    private IReadOnlyList<RelayInfo> _others = [];
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly Dictionary<int, RelayServerClient> _clients = [];
    private readonly Dictionary<NodeId, RelayServerClient> _registered = [];
    private readonly RelaySessions _sessions = new(random);
    private readonly AddressRecordStore _records = new(options.MaxRecords, options.MaxRecordBytes);
    private readonly RelayAccounts<NodeId> _accounts =
        new(options.MaxIdleAccounts, now => new(options.PerClient, options.OpensPerSecond, options.MessagesPerSecond, now));
    private readonly RelayAccounts<string> _networks =
        new(options.MaxIdleAccounts, now => new(options.PerNetwork, options.OpensPerSecond, options.MessagesPerSecond, now));
    private readonly RelayMeter? _meter = options.MetersUsage ? new(options.MaxUsageEntries) : null;
    private readonly Queue<(int Client, RelayDisconnect Reason, string? Text)> _disconnects = [];
    private readonly Queue<RelayServerClient> _leaving = [];
    private int _lastNumber;

    /// <summary>When <see cref="HandleTimeout"/> is due: the end of a drain, once it began.</summary>
    public TimeSpan? Deadline { get; private set; }

    public bool IsDraining { get; private set; }

    /// <summary>Whether a drain is over and nobody is left.</summary>
    public bool IsDrained => IsDraining && _clients.Count == 0;

    public RelayStatistics Statistics => new(
        _clients.Count, _registered.Values.Count(client => client.Registration is RelayPreference.Home),
        _registered.Values.Count(client => client.Registration is RelayPreference.Secondary), _sessions.Count, _records.Count, _queuedBytes,
        _packets, _bytes, [.. _dropped], _refused, _evicted, _cut);

    /// <summary>Whether a session number is one of this relay's.</summary>
    public bool Owns(ulong session) => _sessions.Find(session) is not null;

    /// <summary>A control connection was authenticated.</summary>
    /// <param name="id">Whose it is.</param>
    /// <param name="link">Where it is.</param>
    /// <param name="now">The time.</param>
    /// <returns>Its number; negative when there are too many or the relay has stopped, and the host has to close it.</returns>
    public int AddClient(NodeId id, in Link link, TimeSpan now) => AddClient(id, link, now, options.Terms?.TermsOf(id));

    /// <summary>The same on given terms; null where this relay does not tell networks apart.</summary>
    public int AddClient(NodeId id, in Link link, TimeSpan now, RelayTerms? terms)
    {
        if (IsDraining && Deadline is null) { return -1; }
        if (_clients.Count >= options.MaxClients)
        {
            RelayLog.Full(_logger, id, _clients.Count);
            return -1;
        }
        do { _lastNumber = (_lastNumber + 1) & int.MaxValue; }
        while (_clients.ContainsKey(_lastNumber));
        var client = new RelayServerClient(_lastNumber, id, link, _accounts.Acquire(id, now));
        client.AccountNode = client.Account.Clients.AddLast(client);
        _clients.Add(client.Number, client);
        if (terms is not null) { Apply(terms, client, isChange: false, now); }
        if (IsDraining) { SendDraining(client, now); }
        return client.Number;
    }

    /// <summary>Whether a client's identity has registered by another connection since: if this one is dead, its sessions hold back nobody but
    /// those who wait for an answer there.</summary>
    public bool IsSuperseded(int client) => _clients.TryGetValue(client, out var known) && known.IsSuperseded;

    /// <summary>A client's control connection is now on another link, which it validated.</summary>
    public void HandleLinkChanged(int client, in Link link, TimeSpan now)
    {
        if (_clients.TryGetValue(client, out var moved)) { moved.Link = link; }
    }

    /// <summary>A client's control connection ended: its sessions end with it.</summary>
    public void RemoveClient(int client, TimeSpan now)
    {
        if (!_clients.Remove(client, out var removed)) { return; }
        removed.IsCut = true;
        DropMessages(removed);
        Forget(removed);
        removed.Account.Clients.Remove(removed.AccountNode!);
        _accounts.Release(removed.Id);
        LeaveNetwork(removed);
    }

    /// <summary>Takes a control connection that the host has to close now; it calls <see cref="RemoveClient"/> then as for any other.</summary>
    /// <param name="client">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="text">The same in words for the client.</param>
    public bool TryTakeDisconnect(out int client, out RelayDisconnect reason, out string text)
    {
        var taken = _disconnects.TryDequeue(out var next);
        (client, reason, text) = (next.Client, next.Reason, next.Text ?? $"{next.Reason}");
        return taken;
    }

    /// <summary>Stops taking on anything new and tells all clients to go elsewhere until <paramref name="deadline"/>, when those that remain
    /// are cut off. Data flows on until then.</summary>
    /// <param name="deadline">Until when.</param>
    /// <param name="others">Where they may go, before those of the options.</param>
    /// <param name="now">The time.</param>
    public void BeginDrain(TimeSpan deadline, IReadOnlyList<RelayInfo> others, TimeSpan now)
    {
        if (IsDraining) { return; }
        IsDraining = true;
        _others = [.. others.Concat(options.Others).DistinctBy(static relay => relay.Id).Take(RelayMessageCodec.MaxOthers)];
        Deadline = deadline;
        RelayLog.Draining(_logger, _clients.Count, (deadline - now).TotalSeconds);
        foreach (var client in _clients.Values.ToArray()) { SendDraining(client, now); }
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (Deadline is null || now < Deadline) { return; }
        Deadline = null;
        foreach (var client in _clients.Values.ToArray()) { Cut(client, RelayDisconnect.Drained); }
    }

    private void SendDraining(RelayServerClient client, TimeSpan now) =>
        Send(client, new RelayMessage.Draining((Deadline ?? now) - now, _others));

    private void Cut(RelayServerClient client, RelayDisconnect reason)
    {
        if (client.IsCut) { return; }
        client.IsCut = true;
        _cut++;
        if (reason is not RelayDisconnect.Drained) { RelayLog.Cut(_logger, client.Id, reason); }
        _disconnects.Enqueue((client.Number, reason, client.Refusal));
        DropMessages(client);
        // Telling its peers may cut those too, and so on: in turn, since a chain of slow readers would be a deep recursion.
        _leaving.Enqueue(client);
        if (_leaving.Count > 1) { return; }
        while (_leaving.TryPeek(out var leaving))
        {
            Forget(leaving);
            _leaving.Dequeue();
        }
    }

    private void Forget(RelayServerClient client)
    {
        Unregister(client);
        while (client.Legs.Count > 0)
        {
            var leg = client.Legs[^1];
            Remove(leg.Session);
            Send(leg.Other.Client, new RelayMessage.Closed(leg.Other.Number, RelayCloseReason.PeerGone));
        }
    }

    private void Remove(RelaySession session)
    {
        _meter?.Settle(session);
        _sessions.Remove(session);
    }

    private void Unregister(RelayServerClient client)
    {
        if (client.Registration is null) { return; }
        client.Registration = null;
        _registered.Remove(client.Id);
    }
}
