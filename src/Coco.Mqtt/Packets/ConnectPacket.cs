using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// "MQTT" (text) | version u8 | flags u8 | keep-alive u16 | properties (5) | client id | will properties (5), topic, payload | user | password
/// </code>
/// MQTT 5.0, 3.1.
/// </summary>
internal sealed class ConnectPacket : MqttPacket
{
    private const int VersionAt = 6;

    public override PacketType Type => PacketType.Connect;

    public required ProtocolVersion Version { get; init; }

    public bool IsCleanStart { get; init; }

    public ushort KeepAliveSeconds { get; init; }

    public string ClientId { get; init; } = "";

    public WillMessage? Will { get; init; }

    public string? UserName { get; init; }

    public byte[]? Password { get; init; }

    public PropertySet? Properties { get; init; }

    /// <summary>The version that a CONNECT asks for, so that a refusal is in its format. False where it is not MQTT at all.</summary>
    public static bool TryReadVersion(ReadOnlySpan<byte> body, out byte version)
    {
        version = 0;
        if (body.Length <= VersionAt || !body.StartsWith("\0\u0004MQTT"u8)) { return false; }
        version = body[VersionAt];
        return true;
    }

    public static ReasonCode Read(PacketReader body, [NotNullWhen(true)] out ConnectPacket? packet)
    {
        packet = null;
        // [MQTT-3.1.2-1]
        if (body.Text() is not "MQTT") { return body.IsBroken ? ReasonCode.MalformedPacket : ReasonCode.UnsupportedProtocolVersion; }
        var version = (ProtocolVersion)body.Byte();
        var flags = new ConnectFlags(body.Byte());
        var keepAlive = body.UInt16();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (version is not (ProtocolVersion.V311 or ProtocolVersion.V5)) { return ReasonCode.UnsupportedProtocolVersion; }
        if (!flags.AreValidIn(version)) { return ReasonCode.MalformedPacket; }

        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, PropertyPlace.Connect, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        var clientId = body.Text();
        WillMessage? will = null;
        if (flags.HasWill)
        {
            var error = ReadWill(ref body, flags, version, out will);
            if (error is not ReasonCode.Success) { return error; }
        }
        var user = flags.HasUserName ? body.Text() : null;
        var password = flags.HasPassword ? body.Binary() : null;
        if (body.IsBroken || !body.IsAtEnd) { return ReasonCode.MalformedPacket; }
        packet = new()
        {
            Version = version, IsCleanStart = flags.IsCleanStart, KeepAliveSeconds = keepAlive, ClientId = clientId,
            Will = will, UserName = user, Password = password, Properties = properties,
        };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.Text("MQTT");
        output.Byte((byte)Version);
        output.Byte(ConnectFlags.Of(this).Value);
        output.UInt16(KeepAliveSeconds);
        if (Version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
        output.Text(ClientId);
        if (Will is not null)
        {
            if (Version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Will.Properties); }
            output.Text(Will.Topic);
            output.Binary(Will.Payload);
        }
        if (UserName is not null) { output.Text(UserName); }
        if (Password is not null) { output.Binary(Password); }
    }

    private static ReasonCode ReadWill(ref PacketReader body, ConnectFlags flags, ProtocolVersion version, out WillMessage? will)
    {
        will = null;
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, PropertyPlace.Will, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        var topic = body.Text();
        var payload = body.Binary();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (!Topics.TopicName.IsValid(topic)) { return ReasonCode.TopicNameInvalid; }
        will = new(topic, payload, flags.WillQos, flags.IsWillRetained, properties);
        return ReasonCode.Success;
    }
}
