using Coco.Crypto;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>Other edges that have a message, or know of a filter, when the test says so.</summary>
internal sealed class ManualBus : ITopicBus
{
    private ulong _order;

    public List<(Message Message, TaskCompletionSource<ReasonCode> Done)> Published { get; } = [];

    public Dictionary<string, TaskCompletionSource<BusSubscription>> Filters { get; } = new(StringComparer.Ordinal);

    public bool HasOthers => true;

    public NodeId Self => default;

    public ulong TakeOrder() => ++_order;

    public int MaxPacketSize { get; init; } = int.MaxValue;

    /// <summary>The topic that the policy keeps for others.</summary>
    public string? Denied { get; init; }

    public ReasonCode CheckPublish(string topic, int payloadLength) => topic == Denied ? ReasonCode.NotAuthorized : payloadLength > 100 ? ReasonCode.PacketTooLarge : ReasonCode.Success;

    public ReasonCode CheckSubscribe(string filter) => filter == Denied ? ReasonCode.NotAuthorized : ReasonCode.Success;

    public ValueTask<ReasonCode> PublishAsync(Message message)
    {
        var done = new TaskCompletionSource<ReasonCode>();
        Published.Add((message, done));
        return new(done.Task);
    }

    public Task WhenConnectedAsync() => Task.CompletedTask;

    /// <summary>Numbers that were known when a filter was subscribed to.</summary>
    public Dictionary<string, IReadOnlyList<UInt128>> Seen { get; } = new(StringComparer.Ordinal);

    public Task<BusSubscription> SubscribeAsync(string filter, IReadOnlyList<UInt128> seen)
    {
        Seen[filter] = seen;
        Filters[filter] = new();
        return Filters[filter].Task;
    }

    public void Unsubscribe(string filter) => Filters.Remove(filter);

    public void Share(string group, string filter, int members)
    {
    }

    /// <summary>Other edges with members of all groups, the one that gets a message first; <see cref="Self"/> comes last.</summary>
    public List<NodeId> Others { get; } = [];

    public HashSet<NodeId> Gone { get; } = [];

    /// <summary>What was said to be here.</summary>
    public List<(string Group, string Filter, ReadOnlyMemory<byte> Number)> Taken { get; } = [];

    public NodeId ChooseEdge(string group, string filter, Message message, IReadOnlySet<NodeId> without) =>
        Others.Where(other => !without.Contains(other) && IsReachable(other)).Append(Self).First();

    public bool IsReachable(NodeId edge) => !Gone.Contains(edge);

    public void SayTaken(string group, string filter, IReadOnlyList<ReadOnlyMemory<byte>> numbers) => Taken.AddRange(numbers.Select(number => (group, filter, number)));

    public ValueTask DisposeAsync() => default;
}
