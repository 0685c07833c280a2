using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// PUBACK, PUBREC, PUBREL or PUBCOMP.
/// <code>
/// packet id u16 | reason code u8 (5; absent: success) | properties (5; absent: none)
/// </code>
/// MQTT 5.0, 3.4 to 3.7.
/// </summary>
internal sealed class AckPacket(PacketType type, ushort packetId) : MqttPacket
{
    public override PacketType Type => type;

    public override byte Flags => type is PacketType.Pubrel ? (byte)2 : (byte)0; // [MQTT-3.6.1-1]

    public ushort PacketId => packetId;

    public ReasonCode Reason { get; init; }

    public PropertySet? Properties { get; init; }

    public static ReasonCode Read(PacketReader body, PacketType type, ProtocolVersion version, [NotNullWhen(true)] out AckPacket? packet)
    {
        packet = null;
        var packetId = body.UInt16();
        var reason = ReasonCode.Success;
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5 && !body.IsAtEnd) { reason = (ReasonCode)body.Byte(); }
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (packetId == 0 || !IsReason(type, reason)) { return ReasonCode.ProtocolError; }
        if (version is ProtocolVersion.V5 && !body.IsAtEnd)
        {
            properties = PropertyCodec.Read(ref body, (PropertyPlace)(1 << (int)type), out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        if (!body.IsAtEnd) { return ReasonCode.MalformedPacket; }
        packet = new(type, packetId) { Reason = reason, Properties = properties };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.UInt16(packetId);
        if (version is not ProtocolVersion.V5 || (Reason is ReasonCode.Success && Properties is null)) { return; }
        output.Byte((byte)Reason);
        if (Properties is not null) { PropertyCodec.Write(ref output, Properties); }
    }

    // [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.6.2-1], [MQTT-3.7.2-1]
    private static bool IsReason(PacketType type, ReasonCode reason) => type is PacketType.Puback or PacketType.Pubrec
        ? reason is ReasonCode.Success or ReasonCode.NoMatchingSubscribers or ReasonCode.Unspecified or ReasonCode.ImplementationSpecific
            or ReasonCode.NotAuthorized or ReasonCode.TopicNameInvalid or ReasonCode.PacketIdentifierInUse or ReasonCode.QuotaExceeded or ReasonCode.PayloadFormatInvalid
        : reason is ReasonCode.Success or ReasonCode.PacketIdentifierNotFound;
}
