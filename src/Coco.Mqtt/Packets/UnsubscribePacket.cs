using System.Diagnostics.CodeAnalysis;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// as FilterPacket has it, with filter (text) | ...
/// </code>
/// MQTT 5.0, 3.10.
/// </summary>
internal sealed class UnsubscribePacket(ushort packetId) : FilterPacket(packetId)
{
    public override PacketType Type => PacketType.Unsubscribe;

    public required IReadOnlyList<string> Filters { get; init; }

    public static ReasonCode Read(PacketReader body, ProtocolVersion version, [NotNullWhen(true)] out UnsubscribePacket? packet)
    {
        packet = null;
        if (ReadHead(ref body, PropertyPlace.Unsubscribe, version, out var packetId, out var properties) is not ReasonCode.Success and var error) { return error; }
        var filters = new List<string>();
        while (!body.IsAtEnd) { filters.Add(body.Text()); }
        if (body.IsBroken) { return ReasonCode.MalformedPacket; }
        packet = new(packetId) { Filters = filters, Properties = properties };
        return ReasonCode.Success;
    }

    protected override void WriteFilters(ref PacketWriter output)
    {
        foreach (var filter in Filters) { output.Text(filter); }
    }
}
