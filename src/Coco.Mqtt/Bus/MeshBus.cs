using System.Diagnostics;
using Coco.Crypto;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;
using Coco.Topics;
using Microsoft.Extensions.Logging;

namespace Coco.Mqtt.Bus;

/// <summary>The topics of a node's network. Calls come from the edge's loop; what others publish is handed to it in batches.</summary>
/// <param name="node">The node.</param>
/// <param name="handle">Takes the messages of a filter, and is done when they are handled: until then no more are read. Calls when they are stored.</param>
/// <param name="taken">Told what other edges of a group have of its messages.</param>
/// <param name="logger">Where it says what it could not do.</param>
internal sealed class MeshBus(Node node, Func<string, IReadOnlyList<BusMessage>, Action, Task> handle, Action<string, string, IReadOnlyList<UInt128>> taken, ILogger logger) : ITopicBus
{
    private const int MaxLevels = 64; // of the mesh (Coco.Topics.TopicName)
    private const int MaxBatch = 256;

    // Chosen: batches of one filter that were handled and are not stored yet; with a full disk nothing more is read.
    private const int MaxStoring = 64;

    // Chosen: topics that are named in the log; a client can make up more.
    private const int MaxDenied = 1024;

    // Chosen: of fewer those that have ended are not looked for.
    private const int MinPumps = 64;

    // Chosen: a node that was started again finds the others within seconds.
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, CancellationTokenSource> _subscriptions = new(StringComparer.Ordinal); // guarded by itself
    private readonly List<Task> _pumps = []; // guarded by itself, as is what follows
    private int _looksAt = MinPumps;
    private readonly HashSet<string> _denied = new(StringComparer.Ordinal); // topics of which was said that the policy does not allow them
    private readonly ShareTable _shares = new(node, taken, logger);
    private readonly CancellationTokenSource _stopping = new();
    private Task _started = Task.CompletedTask; // the last message that others had to be known for, once it is on its way

    public bool HasOthers => true;

    public NodeId Self => node.Id;

    public ulong TakeOrder() => node.Topics.TakeOrder();

    // A packet has all that its envelope has, but for the name of a topic that an alias stands for; the envelope's overhead has room for that.
    public int MaxPacketSize => node.Topics.Limits.MaxMessageLength - MeshEnvelope.Overhead;

    public ReasonCode CheckPublish(string topic, int payloadLength)
    {
        if (!Fits(topic)) { return ReasonCode.TopicNameInvalid; }
        if (!node.Topics.MayPublish(topic)) { return Deny(topic); }
        return payloadLength + MeshEnvelope.Overhead <= node.Topics.Limits.MaxMessageLength ? ReasonCode.Success : ReasonCode.PacketTooLarge;
    }

    // A client of 3.1.1, or one with QoS 0, learns nothing of it.
    private ReasonCode Deny(string topic)
    {
        if (_denied.Count < MaxDenied && _denied.Add(topic)) { logger.Denied(topic); }
        return ReasonCode.NotAuthorized;
    }

    public ReasonCode CheckSubscribe(string filter) =>
        !Fits(filter) ? ReasonCode.TopicFilterInvalid : node.Topics.MaySubscribe(filter) ? ReasonCode.Success : ReasonCode.NotAuthorized;

    public ValueTask<ReasonCode> PublishAsync(Message message)
    {
        if (_started.IsCompleted && (message.Qos is Qos.AtMostOnce || node.Topics.IsSettled)) { return PublishNowAsync(message); }
        // In their order, as MQTT has it ([MQTT-4.6.0-6]).
        var (before, started) = (_started, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _started = started.Task;
        return new(PublishLaterAsync(message, before, started));
    }

    // Somebody is within reach of whom it is not known yet what he subscribes to.
    private async Task<ReasonCode> PublishLaterAsync(Message message, Task before, TaskCompletionSource started)
    {
        var since = Stopwatch.GetTimestamp();
        await before.ConfigureAwait(false);
        try
        {
            var left = node.Topics.Limits.AcknowledgeTimeout - Stopwatch.GetElapsedTime(since);
            if (message.Qos is not Qos.AtMostOnce && left > TimeSpan.Zero && !node.Topics.IsSettled) { await node.Topics.WhenSettledAsync(left, _stopping.Token).ConfigureAwait(false); }
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or OperationCanceledException)
        {
            // It is not published either then.
        }
        var isSettled = message.Qos is Qos.AtMostOnce || node.Topics.IsSettled;
        var publishing = PublishNowAsync(message);
        started.SetResult();
        var reason = await publishing.ConfigureAwait(false);
        return isSettled || reason is not ReasonCode.Success ? reason : ReasonCode.ImplementationSpecific;
    }

    private async ValueTask<ReasonCode> PublishNowAsync(Message message)
    {
        try
        {
            var data = MeshEnvelope.Write(message);
            if (data.Length > node.Topics.Limits.MaxMessageLength) { return ReasonCode.QuotaExceeded; }
            var options = new PublishOptions { Retain = message.IsRetained, Acknowledge = message.Qos is not Qos.AtMostOnce, Order = message.Stamp.Order };
            await node.Topics.PublishAsync(message.Topic, data, options, _stopping.Token).ConfigureAwait(false);
            return ReasonCode.Success;
        }
        catch (CocoException exception) when (exception.Code is CocoError.Denied)
        {
            logger.NotPublished(message.Topic, exception.Message);
            return ReasonCode.NotAuthorized;
        }
        catch (CocoException exception)
        {
            // Published all the same: somebody did not say in time that he has it.
            logger.NotPublished(message.Topic, exception.Message);
            return ReasonCode.ImplementationSpecific;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            return ReasonCode.ServerShuttingDown;
        }
    }

    public async Task WhenConnectedAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(ConnectTime);
        try
        {
            await node.WaitForAsync(static one => one.Peers.Any(static peer => peer.IsReachable), patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or OperationCanceledException)
        {
            // Nobody is there: it is published to nobody, as at any other time.
        }
    }

    public async Task<BusSubscription> SubscribeAsync(string filter, IReadOnlyList<UInt128> seen)
    {
        // Not linked with the end of the bus, which would keep it for good: it is ended with those that are left then.
        var cancel = new CancellationTokenSource();
        lock (_subscriptions)
        {
            if (_stopping.IsCancellationRequested) { return BusSubscription.Empty; }
            _subscriptions[filter] = cancel;
        }
        try
        {
            var subscription = await node.Topics.SubscribeAsync(filter, new() { Own = false, Confirms = true }, cancel.Token).ConfigureAwait(false);
            await _shares.WhenKnown().ConfigureAwait(false);
            var reader = new BusReader(filter, node.Topics, subscription, seen, cancel.Token);
            var known = reader.TakeKnown();
            var pump = Task.Run(() => PumpAsync(reader, cancel.Token), CancellationToken.None);
            lock (_pumps)
            {
                _pumps.Add(pump);
                if (_pumps.Count >= _looksAt)
                {
                    _pumps.RemoveAll(static one => one.IsCompleted);
                    _looksAt = Math.Max(MinPumps, _pumps.Count * 2); // so that many cost no more for each
                }
            }
            return new(ReasonCode.Success, [.. known.Where(static one => one.IsStored).Select(static one => one.Message)]);
        }
        catch (CocoException exception)
        {
            logger.NotSubscribed(filter, exception.Message);
            return new(exception.Code is CocoError.Overloaded ? ReasonCode.QuotaExceeded : ReasonCode.Unspecified, []);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            return BusSubscription.Empty;
        }
    }

    public void Unsubscribe(string filter)
    {
        CancellationTokenSource? cancel;
        lock (_subscriptions) { _subscriptions.Remove(filter, out cancel); }
        cancel?.Cancel();
    }

    /// <summary>What ends the subscription to a filter; for tests.</summary>
    internal object? EndOf(string filter)
    {
        lock (_subscriptions) { return _subscriptions.GetValueOrDefault(filter); }
    }

    public void Share(string group, string filter, int members) => _shares.Set(group, filter, members);

    public NodeId ChooseEdge(string group, string filter, Message message, IReadOnlySet<NodeId> without) => _shares.Choose(group, filter, message, without);

    public bool IsReachable(NodeId edge) => node.Peers.Any(peer => peer.IsReachable && peer.Id == edge);

    public void SayTaken(string group, string filter, IReadOnlyList<ReadOnlyMemory<byte>> numbers) => _shares.SayTaken(group, filter, numbers);

    public async ValueTask DisposeAsync()
    {
        await _shares.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        CancellationTokenSource[] left;
        lock (_subscriptions) { left = [.. _subscriptions.Values]; }
        foreach (var cancel in left) { await cancel.CancelAsync().ConfigureAwait(false); }
        Task[] pumps;
        lock (_pumps) { pumps = [.. _pumps]; }
        await Task.WhenAll(pumps).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task PumpAsync(BusReader reader, CancellationToken cancellationToken)
    {
        var storing = new Queue<Task>();
        try
        {
            while (await reader.TakeAsync(MaxBatch).ConfigureAwait(false) is { } batch)
            {
                var asked = reader.TakeAsked();
                var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (storing.Count == MaxStoring) { await storing.Dequeue().WaitAsync(cancellationToken).ConfigureAwait(false); }
                storing.Enqueue(stored.Task);
                await handle(reader.Filter, batch, HandleStored).ConfigureAwait(false);

                void HandleStored()
                {
                    if (asked.Count > 0) { node.Topics.Confirm(asked); }
                    stored.SetResult();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody subscribes any more.
        }
        await reader.DisposeAsync().ConfigureAwait(false);
    }

    private bool Fits(string name) =>
        System.Text.Encoding.UTF8.GetByteCount(name) <= node.Topics.Limits.MaxTopicLength && name.AsSpan().Count('/') < MaxLevels;
}
