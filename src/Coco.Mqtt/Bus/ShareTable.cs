using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Mqtt.Sessions;
using Coco.Topics;
using Microsoft.Extensions.Logging;

namespace Coco.Mqtt.Bus;

/// <summary>
/// Which edges take part in which shared subscriptions: each says so in a retained value of its own, and of those that are within reach the one of
/// greatest weight for a message gets it, and tells the others that it has. Where the network is divided each part has one.
/// <code>
/// topic $coco/mqtt/share/SHA-256(group 0 filter), 32 hexadecimal digits/node        value "1"; none: no longer
/// topic $coco/mqtt/share/SHA-256(group 0 filter), 32 hexadecimal digits/node/taken  numbers of messages, of 16 bytes each
/// weight SHA-256(length of group u16 | group | node 32 | message's number 16)
/// </code>
/// </summary>
internal sealed class ShareTable(Node node, Action<string, string, IReadOnlyList<UInt128>> taken, ILogger logger) : IAsyncDisposable
{
    private const string Prefix = "$coco/mqtt/share/";
    private const string Taken = "taken";

    private const int NumberSize = 16;

    // Chosen: numbers in one message, which is 16 KiB then.
    private const int MaxNumbers = 1024;

    // Chosen: groups of other edges that are remembered.
    private const int MaxEntries = 65_536;

    private readonly Lock _lock = new(); // guards what follows
    private readonly Dictionary<string, HashSet<NodeId>> _others = new(StringComparer.Ordinal);
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TakenReader> _readers = new(StringComparer.Ordinal); // one change of our own groups after the other has them
    private readonly CancellationTokenSource _stopping = new();
    private int _entries;
    private Task? _watching;
    private Task _known = Task.CompletedTask;

    /// <summary>Done when other edges know of ours, and we of theirs.</summary>
    public Task WhenKnown()
    {
        lock (_lock) { return _known; }
    }

    public void Set(string group, string filter, int members)
    {
        var key = KeyOf(group, filter);
        lock (_lock)
        {
            if (members > 0 ? !_own.Add(key) : !_own.Remove(key)) { return; }
            _known = SayAsync(_known, key, group, filter, members > 0);
        }
    }

    public NodeId Choose(string group, string filter, Message message, IReadOnlySet<NodeId> without)
    {
        NodeId[] others;
        lock (_lock)
        {
            if (!_others.TryGetValue(KeyOf(group, filter), out var all) || all.Count == 0) { return node.Id; }
            others = [.. all];
        }
        var number = message.Id.IsEmpty ? NumberOf(message) : message.Id.ToArray();
        var (best, weight) = (node.Id, Weight(group, node.Id, number));
        var reachable = node.Peers.Where(static peer => peer.IsReachable).Select(static peer => peer.Id).ToHashSet();
        foreach (var other in others.Where(other => reachable.Contains(other) && !without.Contains(other)))
        {
            var its = Weight(group, other, number);
            if (its.AsSpan().SequenceCompareTo(weight) > 0) { (best, weight) = (other, its); }
        }
        return best;
    }

    /// <summary>Tells the other edges of a group, where there are some, what is here of its messages.</summary>
    public void SayTaken(string group, string filter, IReadOnlyList<ReadOnlyMemory<byte>> numbers)
    {
        var key = KeyOf(group, filter);
        lock (_lock)
        {
            if (!_others.ContainsKey(key)) { return; }
        }
        foreach (var part in numbers.Chunk(MaxNumbers))
        {
            var data = new byte[part.Length * NumberSize];
            for (var i = 0; i < part.Length; i++) { part[i].Span.CopyTo(data.AsSpan(i * NumberSize)); }
            _ = PublishAsync($"{Prefix}{key}/{node.Id}/{Taken}", data, new());
        }
    }

    public async ValueTask DisposeAsync()
    {
        string[] own;
        Task known;
        lock (_lock) { (own, known, _known) = ([.. _own], _known, Task.CompletedTask); }
        foreach (var key in own) { await SayMemberAsync(key, default).ConfigureAwait(false); }
        await _stopping.CancelAsync().ConfigureAwait(false);
        await known.ConfigureAwait(false);
        foreach (var reader in _readers.Values) { await reader.DisposeAsync().ConfigureAwait(false); }
        if (_watching is { } watching) { await watching.ConfigureAwait(false); }
        _stopping.Dispose();
    }

    internal static byte[] Weight(string group, NodeId member, ReadOnlySpan<byte> number)
    {
        var name = Encoding.UTF8.GetBytes(group);
        Span<byte> id = stackalloc byte[NodeId.Size];
        member.CopyTo(id);
        return SHA256.HashData([(byte)(name.Length >> 8), (byte)name.Length, .. name, .. id, .. number]);
    }

    private static string KeyOf(string group, string filter) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{group}\0{filter}")).AsSpan(0, 16));

    // Of a message without a number, which has QoS 0: the same for all edges, and others for other messages.
    private static byte[] NumberOf(Message message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(message.Topic));
        hash.AppendData(message.Payload.Span);
        return hash.GetHashAndReset()[..16];
    }

    private async Task SayAsync(Task before, string key, string group, string filter, bool isMember)
    {
        await before.ConfigureAwait(false);
        await WatchAsync().ConfigureAwait(false);
        if (isMember) { await ListenAsync(key, group, filter).ConfigureAwait(false); }
        await SayMemberAsync(key, isMember ? "1"u8.ToArray() : default).ConfigureAwait(false);
        if (!isMember && _readers.Remove(key, out var reader)) { await reader.DisposeAsync().ConfigureAwait(false); }
    }

    // What other edges of the group have. Where it cannot be heard their messages are given out here, too, after a while.
    private async Task ListenAsync(string key, string group, string filter)
    {
        var topics = $"{Prefix}{key}/+/{Taken}";
        try
        {
            var subscription = await node.Topics.SubscribeAsync(topics, new() { Own = false, Retained = false }, _stopping.Token).ConfigureAwait(false);
            _readers[key] = new(subscription, numbers => taken(group, filter, numbers));
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or OperationCanceledException)
        {
            logger.NotSubscribed(topics, exception.Message);
        }
    }

    private async Task WatchAsync()
    {
        if (_watching is not null) { return; }
        try
        {
            var subscription = await node.Topics.SubscribeAsync(Prefix + "+/+", new() { Own = false }, _stopping.Token).ConfigureAwait(false);
            _watching = ReadAsync(subscription);
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or OperationCanceledException)
        {
            logger.NotSubscribed(Prefix + "+/+", exception.Message);
            _watching = Task.CompletedTask;
        }
    }

    private async Task ReadAsync(TopicSubscription subscription)
    {
        await using (subscription.ConfigureAwait(false))
        {
            try
            {
                await foreach (var message in subscription.ReadAllAsync(_stopping.Token).ConfigureAwait(false)) { Handle(message); }
            }
            catch (OperationCanceledException)
            {
                // The edge stops.
            }
        }
    }

    private void Handle(TopicMessage message)
    {
        // Each speaks for itself alone.
        if (message.Topic[Prefix.Length..].Split('/') is not [{ Length: 32 } key, var who] || !string.Equals(who, message.Publisher.ToString(), StringComparison.Ordinal)) { return; }
        lock (_lock)
        {
            if (!message.Data.IsEmpty)
            {
                if (_entries >= MaxEntries) { return; }
                if (!_others.TryGetValue(key, out var members)) { _others.Add(key, members = []); }
                if (members.Add(message.Publisher)) { _entries++; }
            }
            else if (_others.TryGetValue(key, out var members) && members.Remove(message.Publisher))
            {
                _entries--;
                if (members.Count == 0) { _others.Remove(key); }
            }
        }
    }

    private Task SayMemberAsync(string key, ReadOnlyMemory<byte> value) => PublishAsync($"{Prefix}{key}/{node.Id}", value, new() { Retain = true, Acknowledge = true });

    private async Task PublishAsync(string topic, ReadOnlyMemory<byte> value, PublishOptions options)
    {
        try
        {
            await node.Topics.PublishAsync(topic, value, options, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or OperationCanceledException)
        {
            logger.NotPublished(topic, exception.Message);
        }
    }
}
