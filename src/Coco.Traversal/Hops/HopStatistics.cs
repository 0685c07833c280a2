namespace Coco.Traversal.Hops;

/// <summary>What a node has done for others' connections.</summary>
/// <param name="Neighbours">Trusted neighbours now.</param>
/// <param name="Sessions">Sessions now, our own among them.</param>
/// <param name="Packets">Datagrams passed on.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Dropped">Datagrams that were not: malformed, from elsewhere than the neighbour, or too many.</param>
/// <param name="Refused">Sessions refused.</param>
/// <param name="QueuedBytes">Bytes that wait while ways are full.</param>
internal readonly record struct HopStatistics(int Neighbours, int Sessions, long Packets, long Bytes, long Dropped, long Refused, int QueuedBytes);
