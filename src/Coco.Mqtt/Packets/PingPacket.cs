namespace Coco.Mqtt.Packets;

/// <summary>PINGREQ or PINGRESP, which say nothing else (MQTT 5.0, 3.12 and 3.13).</summary>
internal sealed class PingPacket(PacketType type) : MqttPacket
{
    public static PingPacket Request { get; } = new(PacketType.Pingreq);

    public static PingPacket Response { get; } = new(PacketType.Pingresp);

    public override PacketType Type => type;

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
    }
}
