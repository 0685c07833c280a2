namespace Coco.Tunnels;

/// <summary>What went through a published service, a tunnel or a proxy.</summary>
/// <param name="Connections">Connections and flows so far.</param>
/// <param name="Active">Those that are open.</param>
/// <param name="Refused">Those that were not let in, or could not be carried.</param>
/// <param name="BytesToPeers">Bytes that went to peers.</param>
/// <param name="BytesFromPeers">Bytes that came from peers.</param>
/// <param name="DatagramsLost">Datagrams that could not be passed on.</param>
public sealed record TunnelStatistics(long Connections, int Active, long Refused, long BytesToPeers, long BytesFromPeers, long DatagramsLost);
