namespace Coco.Traversal.Relays;

/// <summary>What a relay did since it started, and whom it serves now.</summary>
/// <param name="Clients">Control connections.</param>
/// <param name="Homes">Clients that have their home here.</param>
/// <param name="Secondaries">Clients that have their second relay here.</param>
/// <param name="Sessions">Sessions.</param>
/// <param name="Records">Address records kept.</param>
/// <param name="QueuedBytes">Bytes of control messages that wait.</param>
/// <param name="Packets">Datagrams forwarded.</param>
/// <param name="Bytes">Bytes forwarded, headers of the relay included.</param>
/// <param name="Dropped">Datagrams dropped, by <see cref="RelayDropReason"/>.</param>
/// <param name="Refused">Requests refused.</param>
/// <param name="Evicted">Idle sessions that made room.</param>
/// <param name="Cut">Clients cut off.</param>
internal sealed record RelayStatistics(
    int Clients, int Homes, int Secondaries, int Sessions, int Records, long QueuedBytes, long Packets, long Bytes, IReadOnlyList<long> Dropped,
    long Refused, long Evicted, long Cut);
