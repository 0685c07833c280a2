namespace Coco.ControlPlane.Networks;

/// <summary>What the networks' part tells. Event 1706, among those of relays, by which news come.</summary>
internal static partial class NetworksLog
{
    [LoggerMessage(1706, LogLevel.Information, "network {Network}: a node told of {Statements} statements and {Nodes} nodes")]
    public static partial void NewsTaken(ILogger logger, string network, int statements, int nodes);
}
