namespace Coco.Cli.Api;

/// <summary>What went through a service, tunnel or proxy.</summary>
internal sealed record TrafficView(long Connections, int Active, long Refused, long BytesToPeers, long BytesFromPeers, long DatagramsLost);
