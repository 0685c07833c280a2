namespace Coco.Mqtt.Packets;

/// <summary>
/// SUBSCRIBE or UNSUBSCRIBE: what both begin with.
/// <code>
/// packet id u16 | properties (5) | one filter or more, with what belongs to each
/// </code>
/// MQTT 5.0, 3.8 and 3.10.
/// </summary>
internal abstract class FilterPacket(ushort packetId) : MqttPacket
{
    public override byte Flags => 2; // [MQTT-3.8.1-1], [MQTT-3.10.1-1]

    public ushort PacketId => packetId;

    public PropertySet? Properties { get; init; }

    public sealed override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.UInt16(packetId);
        if (version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
        WriteFilters(ref output);
    }

    protected abstract void WriteFilters(ref PacketWriter output);

    /// <summary>Reads what stands before the filters, of which there is at least one.</summary>
    protected static ReasonCode ReadHead(ref PacketReader body, PropertyPlace place, ProtocolVersion version, out ushort packetId, out PropertySet? properties)
    {
        properties = null;
        packetId = body.UInt16();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (packetId == 0) { return ReasonCode.ProtocolError; } // [MQTT-2.2.1-3]
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, place, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        return body.IsAtEnd ? ReasonCode.ProtocolError : ReasonCode.Success; // [MQTT-3.8.3-2], [MQTT-3.10.3-2]
    }
}
