namespace Coco.Mqtt.Packets;

/// <summary>A control packet without its fixed header.</summary>
internal abstract class MqttPacket
{
    public abstract PacketType Type { get; }

    /// <summary>The low four bits of the first byte.</summary>
    public virtual byte Flags => 0;

    public abstract void WriteBody(ref PacketWriter output, ProtocolVersion version);
}
