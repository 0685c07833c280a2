using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// packet id u16 | properties (5) | filter (text) | ...
/// </code>
/// MQTT 5.0, 3.10.
/// </summary>
internal sealed class UnsubscribePacket(ushort packetId) : MqttPacket
{
    public override PacketType Type => PacketType.Unsubscribe;

    public override byte Flags => 2; // [MQTT-3.10.1-1]

    public ushort PacketId => packetId;

    public required IReadOnlyList<string> Filters { get; init; }

    public PropertySet? Properties { get; init; }

    public static ReasonCode Read(PacketReader body, ProtocolVersion version, [NotNullWhen(true)] out UnsubscribePacket? packet)
    {
        packet = null;
        var packetId = body.UInt16();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (packetId == 0) { return ReasonCode.ProtocolError; } // [MQTT-2.2.1-3]
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, PropertyPlace.Unsubscribe, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        if (body.IsAtEnd) { return ReasonCode.ProtocolError; } // [MQTT-3.10.3-2]
        var filters = new List<string>();
        while (!body.IsAtEnd) { filters.Add(body.Text()); }
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        packet = new(packetId) { Filters = filters, Properties = properties };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.UInt16(packetId);
        if (version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
        foreach (var filter in Filters) { output.Text(filter); }
    }
}
