using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>A packet that must not be sent before something has happened: the store has what it says, the network has what it acknowledges.</summary>
internal sealed class Held(MqttPacket packet, long commit)
{
    public MqttPacket Packet { get; set; } = packet;

    /// <summary>The commit that must be durable first.</summary>
    public long Commit => commit;

    /// <summary>Its place among all answers to the client.</summary>
    public long Order { get; init; }

    /// <summary>Whether the bus has yet to answer.</summary>
    public bool IsAwaited { get; set; }
}
