using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// SUBACK, or UNSUBACK, which has no reasons in 3.1.1.
/// <code>
/// packet id u16 | properties (5) | reason code u8 | ...
/// </code>
/// MQTT 5.0, 3.9 and 3.11.
/// </summary>
internal sealed class SubackPacket(PacketType type, ushort packetId) : MqttPacket
{
    public override PacketType Type => type;

    public ushort PacketId => packetId;

    public required IReadOnlyList<ReasonCode> Reasons { get; init; }

    public PropertySet? Properties { get; init; }

    public static ReasonCode Read(PacketReader body, PacketType type, ProtocolVersion version, [NotNullWhen(true)] out SubackPacket? packet)
    {
        packet = null;
        var packetId = body.UInt16();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, (PropertyPlace)(1 << (int)type), out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        packet = new(type, packetId) { Reasons = [.. body.ToEnd().Select(static code => (ReasonCode)code)], Properties = properties };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.UInt16(packetId);
        if (version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
        else if (type is PacketType.Unsuback) { return; }
        foreach (var reason in Reasons)
        {
            // 3.1.1, 3.9.3 knows one failure.
            output.Byte(version is ProtocolVersion.V311 && reason >= ReasonCode.Unspecified ? (byte)ReasonCode.Unspecified : (byte)reason);
        }
    }
}
