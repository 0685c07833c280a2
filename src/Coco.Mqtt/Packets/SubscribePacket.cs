using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// as FilterPacket has it, with filter (text), options u8 | ...
/// </code>
/// MQTT 5.0, 3.8.
/// </summary>
internal sealed class SubscribePacket(ushort packetId) : FilterPacket(packetId)
{
    public override PacketType Type => PacketType.Subscribe;

    public required IReadOnlyList<SubscriptionRequest> Requests { get; init; }

    public static ReasonCode Read(PacketReader body, ProtocolVersion version, [NotNullWhen(true)] out SubscribePacket? packet)
    {
        packet = null;
        if (ReadHead(ref body, PropertyPlace.Subscribe, version, out var packetId, out var properties) is not ReasonCode.Success and var error) { return error; }
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

    protected override void WriteFilters(ref PacketWriter output)
    {
        foreach (var (filter, options) in Requests)
        {
            output.Text(filter);
            output.Byte(options.Value);
        }
    }
}
