using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <summary>What a session wants of the topics of one filter.</summary>
internal sealed class Subscription(Session session, TopicFilter filter)
{
    public Session Session => session;

    public TopicFilter Filter => filter;

    public SubscriptionOptions Options { get; set; }

    /// <summary>The client's number for it; zero where it has none.</summary>
    public int Identifier { get; set; }
}
