namespace Coco.Mqtt.Sessions;

/// <summary>Numbers of messages that came by one filter from other edges, as they were kept.</summary>
/// <param name="Count">The place of the next one.</param>
/// <param name="Numbers">The last ones, in the order in which they came.</param>
internal sealed record SeenRows(ulong Count, IReadOnlyList<UInt128> Numbers);
