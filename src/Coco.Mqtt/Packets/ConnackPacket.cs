using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// session present u8 | reason code u8 (3.1.1: return code) | properties (5)
/// </code>
/// MQTT 5.0, 3.2.
/// </summary>
internal sealed class ConnackPacket : MqttPacket
{
    public override PacketType Type => PacketType.Connack;

    public bool IsSessionPresent { get; init; }

    /// <summary>As MQTT 5 has it, whatever the version.</summary>
    public ReasonCode Reason { get; init; }

    public PropertySet? Properties { get; init; }

    public static ReasonCode Read(PacketReader body, ProtocolVersion version, [NotNullWhen(true)] out ConnackPacket? packet)
    {
        packet = null;
        var flags = body.Byte();
        var reason = (ReasonCode)body.Byte();
        if (body.IsBroken || flags > 1) { return ReasonCode.MalformedPacket; }
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, PropertyPlace.Connack, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        if (!body.IsAtEnd) { return ReasonCode.MalformedPacket; }
        packet = new() { IsSessionPresent = flags == 1, Reason = reason, Properties = properties };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.Byte((byte)(IsSessionPresent ? 1 : 0));
        output.Byte(version is ProtocolVersion.V5 ? (byte)Reason : ReturnCode(Reason));
        if (version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
    }

    // 3.1.1, 3.2.2.3. What has no code there comes closest to "server unavailable".
    private static byte ReturnCode(ReasonCode reason) => reason switch
    {
        ReasonCode.Success => 0,
        ReasonCode.UnsupportedProtocolVersion => 1,
        ReasonCode.ClientIdentifierNotValid => 2,
        ReasonCode.BadUserNameOrPassword => 4,
        ReasonCode.NotAuthorized or ReasonCode.Banned => 5,
        _ => 3,
    };
}
