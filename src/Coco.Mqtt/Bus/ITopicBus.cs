using Coco.Crypto;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Bus;

/// <summary>
/// What connects an edge with others: takes what is published here and hands over what others publish. Messages among the clients of one
/// edge do not go over it, and their own do not come back.
/// </summary>
internal interface ITopicBus : IAsyncDisposable
{
    /// <summary>Whether there is anybody else, so that what is published must be kept until they have it.</summary>
    public bool HasOthers { get; }

    /// <summary>Who publishes what is published here; of two values of one topic and time the higher one counts.</summary>
    public NodeId Self { get; }

    /// <summary>When a message that is retained here is published: later than all retained ones that are known.</summary>
    public ulong TakeOrder();

    /// <summary>The longest packet of a client whose message the bus can carry.</summary>
    public int MaxPacketSize { get; }

    /// <summary>Whether the bus can carry such a message; otherwise why not, and then it is not published here either.</summary>
    public ReasonCode CheckPublish(string topic, int payloadLength);

    /// <summary>Whether the filter can be subscribed to; otherwise why not.</summary>
    public ReasonCode CheckSubscribe(string filter);

    /// <summary>Publishes. With QoS 1 and 2 done when the other edges that are connected have it; with QoS 0 at once. Never throws.</summary>
    public ValueTask<ReasonCode> PublishAsync(Message message);

    /// <summary>Done when there is somebody to publish to, or nobody has come for a while.</summary>
    public Task WhenConnectedAsync();

    /// <summary>Wants the messages of a filter from now on; done when others know, with the values that are retained there.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="seen">Numbers of messages that came before this process began, and are not handed over again.</param>
    public Task<BusSubscription> SubscribeAsync(string filter, IReadOnlyList<UInt128> seen);

    /// <summary>Wants them no longer.</summary>
    public void Unsubscribe(string filter);

    /// <summary>Takes part in a group that shares a filter, with this many members here, or no longer.</summary>
    public void Share(string group, string filter, int members);

    /// <summary>The edge with members of a group that a message is for: <see cref="Self"/>, or another that is within reach and not among those without.</summary>
    public NodeId ChooseEdge(string group, string filter, Message message, IReadOnlySet<NodeId> without);

    public bool IsReachable(NodeId edge);

    /// <summary>Tells the other edges of a group that its messages with these numbers are here.</summary>
    public void SayTaken(string group, string filter, IReadOnlyList<ReadOnlyMemory<byte>> numbers);
}
