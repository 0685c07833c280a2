namespace Coco.Cli.Api;

/// <summary>How a node is to be asked for a sign of life.</summary>
internal sealed record PingWish(string Node, int Count = 4, int IntervalMs = 1000);
