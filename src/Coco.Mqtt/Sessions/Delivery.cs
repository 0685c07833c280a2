using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>A message for one session, with QoS 1 or 2, from its arrival to the client's last acknowledgement.</summary>
internal sealed class Delivery(Message message, Qos qos, bool isRetained, IReadOnlyList<int> identifiers, ulong order)
{
    public Message Message => message;

    public Qos Qos => qos;

    public bool IsRetained => isRetained;

    /// <summary>Of all subscriptions it is for ([MQTT-3.3.4-3]).</summary>
    public IReadOnlyList<int> Identifiers => identifiers;

    /// <summary>Its place among those of the session ([MQTT-4.6.0-5]), and its name in the store.</summary>
    public ulong Order => order;

    /// <summary>The group that chose the session, whose others get it should the session end before.</summary>
    public ShareGroup? Group { get; init; }

    /// <summary>Whether it was read from the store, which does not tell the group.</summary>
    public bool IsRestored { get; set; }

    /// <summary>Zero until it was sent.</summary>
    public ushort PacketId { get; set; }

    /// <summary>The connection on which the message was sent last; null where it was on none since the server started.</summary>
    public Client? SentOn { get; set; }

    /// <summary>QoS 2: the client has the message (PUBREC), and is to let go of its number.</summary>
    public bool IsReleased { get; set; }
}
