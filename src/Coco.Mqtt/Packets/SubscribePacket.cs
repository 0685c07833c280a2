using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// packet id u16 | properties (5) | filter (text), options u8 | ...
/// </code>
/// MQTT 5.0, 3.8.
/// </summary>
internal sealed class SubscribePacket(ushort packetId) : MqttPacket
{
    public override PacketType Type => PacketType.Subscribe;

    public override byte Flags => 2; // [MQTT-3.8.1-1]

    public ushort PacketId => packetId;

    public required IReadOnlyList<SubscriptionRequest> Requests { get; init; }

    public PropertySet? Properties { get; init; }

    public static ReasonCode Read(PacketReader body, ProtocolVersion version, [NotNullWhen(true)] out SubscribePacket? packet)
    {
        packet = null;
        var packetId = body.UInt16();
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        if (packetId == 0) { return ReasonCode.ProtocolError; } // [MQTT-2.2.1-3]
        PropertySet? properties = null;
        if (version is ProtocolVersion.V5)
        {
            properties = PropertyCodec.Read(ref body, PropertyPlace.Subscribe, out var error);
            if (error is not ReasonCode.Success) { return error; }
        }
        if (body.IsAtEnd) { return ReasonCode.ProtocolError; } // [MQTT-3.8.3-2]
        var requests = new List<SubscriptionRequest>();
        while (!body.IsAtEnd)
        {
            var request = new SubscriptionRequest(body.Text(), new(body.Byte()));
            if (body.IsBroken) { return ReasonCode.MalformedPacket; }
            if (request.Options.Check(version) is not ReasonCode.Success and var wrong) { return wrong; }
            requests.Add(request);
        }
        packet = new(packetId) { Requests = requests, Properties = properties };
        return ReasonCode.Success;
    }

    public override void WriteBody(ref PacketWriter output, ProtocolVersion version)
    {
        output.UInt16(packetId);
        if (version is ProtocolVersion.V5) { PropertyCodec.Write(ref output, Properties); }
        foreach (var (filter, options) in Requests)
        {
            output.Text(filter);
            output.Byte(options.Value);
        }
    }
}
