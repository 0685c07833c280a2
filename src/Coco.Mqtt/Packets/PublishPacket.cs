using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// topic (text) | packet id u16 (QoS 1 and 2) | properties (5) | payload to the end          flags: DUP | QoS (2) | RETAIN
/// </code>
/// MQTT 5.0, 3.3.
/// </summary>
internal sealed class PublishPacket : MqttPacket
{
    public override PacketType Type => PacketType.Publish;

    public override byte Flags => (byte)((IsDuplicate ? 8 : 0) | ((int)Qos << 1) | (IsRetained ? 1 : 0));

    /// <summary>Empty where the alias stands for it.</summary>
    public required string Topic { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public Qos Qos { get; init; }

    public bool IsRetained { get; init; }

    public bool IsDuplicate { get; init; }

    /// <summary>Zero with QoS 0.</summary>
    public ushort PacketId { get; init; }

    public PropertySet? Properties { get; init; }

    /// <summary>The same message with an alias for its topic.</summary>
    public PublishPacket With(string topic, ushort alias) => new()
    {
        Topic = topic, Payload = Payload, Qos = Qos, IsRetained = IsRetained, IsDuplicate = IsDuplicate, PacketId = PacketId,
        Properties = (Properties ?? new PropertySet()) with { TopicAlias = alias },
    };

    public static ReasonCode Read(PacketReader body, byte flags, ProtocolVersion version, [NotNullWhen(true)] out PublishPacket? packet)
    {
        packet = null;
        var qos = (Qos)((flags >> 1) & 3);
        var isDuplicate = (flags & 8) != 0;
        if (qos > Qos.ExactlyOnce) { return ReasonCode.MalformedPacket; }                     // [MQTT-3.3.1-4]
        if (isDuplicate && qos is Qos.AtMostOnce) { return ReasonCode.MalformedPacket; }      // [MQTT-3.3.1-2]
        var topic = body.Text();
        var packetId = qos is Qos.AtMostOnce ? (ushort)0 : body.UInt16();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (packetId == 0 && qos is not Qos.AtMostOnce) { return ReasonCode.ProtocolError; }  // [MQTT-2.2.1-3]
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, PropertyPlace.Publish, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        // 3.3.2.1: an empty topic needs an alias.
        if (topic.Length == 0 && properties?.TopicAlias is null) { return version is ProtocolVersion.V5 ? ReasonCode.ProtocolError : ReasonCode.TopicNameInvalid; }
        if (topic.Length > 0 && !Topics.TopicName.IsValid(topic)) { return ReasonCode.TopicNameInvalid; } // [MQTT-3.3.2-2]
        packet = new()
        {
            Topic = topic, Payload = body.ToEnd(), Qos = qos, IsRetained = (flags & 1) != 0, IsDuplicate = isDuplicate, PacketId = packetId, Properties = properties,
        };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.Text(Topic);
        if (Qos is not Qos.AtMostOnce) { output.UInt16(PacketId); }
        if (version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
        output.Raw(Payload.Span);
    }
}
