namespace Coco.Traversal.Relays;

/// <summary>What a relay grants a client.</summary>
/// <param name="MaxSessions">Sessions at once.</param>
/// <param name="BytesPerSecond">Bytes it forwards for the client, on average.</param>
/// <param name="PacketsPerSecond">Datagrams it forwards for the client, on average.</param>
/// <param name="BytesLeft">Bytes it will forward until the client's month is over.</param>
internal readonly record struct RelayLimits(ulong MaxSessions, ulong BytesPerSecond, ulong PacketsPerSecond, ulong BytesLeft);
