using Coco.Crypto;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Bus;

/// <summary>An edge by itself: a whole server for the clients of one machine.</summary>
internal sealed class NoBus : ITopicBus
{
    private ulong _order;

    public bool HasOthers => false;

    public NodeId Self => default;

    public ulong TakeOrder() => ++_order;

    public int MaxPacketSize => int.MaxValue;

    public ReasonCode CheckPublish(string topic, int payloadLength) => ReasonCode.Success;

    public ReasonCode CheckSubscribe(string filter) => ReasonCode.Success;

    public ValueTask<ReasonCode> PublishAsync(Message message) => new(ReasonCode.Success);

    public Task WhenConnectedAsync() => Task.CompletedTask;

    public Task<BusSubscription> SubscribeAsync(string filter, IReadOnlyList<UInt128> seen) => BusSubscription.Nothing;

    public void Unsubscribe(string filter)
    {
    }

    public void Share(string group, string filter, int members)
    {
    }

    public ValueTask DisposeAsync() => default;

    public NodeId ChooseEdge(string group, string filter, Message message, IReadOnlySet<NodeId> without) => Self;

    public bool IsReachable(NodeId edge) => false;

    public void SayTaken(string group, string filter, IReadOnlyList<ReadOnlyMemory<byte>> numbers)
    {
    }
}
