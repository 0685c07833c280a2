using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <summary>What a session wants of the topics of one filter.</summary>
internal sealed class Subscription(Session session, TopicFilter filter)
{
    public Session Session => session;

    public TopicFilter Filter => filter;

    public SubscriptionOptions Options { get; set; }

    /// <summary>Whether a message with QoS 1 or 2 is sent or kept when it is given to the session for this.</summary>
    public bool HasRoom => Options.MaximumQos is Qos.AtMostOnce ? Session.Client is { IsCongested: false } : Session.HasRoom;

    /// <summary>The client's number for it; zero where it has none.</summary>
    public int Identifier { get; set; }
}
