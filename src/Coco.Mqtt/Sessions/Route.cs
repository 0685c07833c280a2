using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>
/// What several subscriptions of one session make of one message: it is sent once, with the highest QoS and all identifiers (MQTT 5.0,
/// 3.3.4). Used again for each message, told apart by its number.
/// </summary>
internal sealed class Route
{
    private static readonly IReadOnlyList<int> None = [];

    private long _message;

    public Qos Qos { get; private set; }

    public bool IsRetained { get; private set; }

    public IReadOnlyList<int> Identifiers { get; private set; } = None;

    /// <summary>Adds a subscription. True for the first of the message.</summary>
    public bool Add(long number, Message message, Subscription subscription)
    {
        var isFirst = _message != number;
        if (isFirst) { (_message, Qos, IsRetained, Identifiers) = (number, Qos.AtMostOnce, false, None); }
        var qos = message.Qos < subscription.Options.MaximumQos ? message.Qos : subscription.Options.MaximumQos;
        if (qos > Qos) { Qos = qos; }
        IsRetained |= message.IsRetained && subscription.Options.IsRetainAsPublished; // [MQTT-3.3.1-12], [MQTT-3.3.1-13]
        if (subscription.Identifier != 0) { Identifiers = [.. Identifiers, subscription.Identifier]; }
        return isFirst;
    }
}
