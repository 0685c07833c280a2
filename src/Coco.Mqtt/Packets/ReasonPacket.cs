using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// DISCONNECT, empty in 3.1.1, or AUTH, which is MQTT 5 only.
/// <code>
/// reason code u8 (absent: success) | properties (absent: none)
/// </code>
/// MQTT 5.0, 3.14 and 3.15.
/// </summary>
internal sealed class ReasonPacket(PacketType type) : MqttPacket
{
    public override PacketType Type => type;

    public ReasonCode Reason { get; init; }

    public PropertySet? Properties { get; init; }

    public static ReasonCode Read(PacketReader body, PacketType type, ProtocolVersion version, [NotNullWhen(true)] out ReasonPacket? packet)
    {
        packet = null;
        var reason = ReasonCode.Success;
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            if (!body.IsAtEnd) { reason = (ReasonCode)body.Byte(); }
            if (!body.IsAtEnd)
            {
                properties = PropertyCodec.Read(ref body, (PropertyPlace)(1 << (int)type), out var error);
                if (error is not ReasonCode.Success) { return error; }
            }
        }
        if (!body.IsAtEnd) { return ReasonCode.MalformedPacket; }
        packet = new(type) { Reason = reason, Properties = properties };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        if (version is not ProtocolVersion.V5 || (Reason is ReasonCode.Success && Properties is null)) { return; }
        output.Byte((byte)Reason);
        if (Properties is not null) { PropertyCodec.Write(ref output, Properties); }
    }
}
