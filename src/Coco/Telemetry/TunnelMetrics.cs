using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coco.Crypto;

namespace Coco.Telemetry;

/// <summary>What the tunnels of a process measure, by the side they are on: "used" where programs meet a service, "served" where it is.</summary>
internal static class TunnelMetrics
{
    private static readonly Counter<long> Connections =
        CocoTelemetry.Meter.CreateCounter<long>("coco.tunnels.connections", "{connection}", "Connections and flows that were let in or refused.");

    private static readonly UpDownCounter<long> Active =
        CocoTelemetry.Meter.CreateUpDownCounter<long>("coco.tunnels.active", "{connection}", "Connections and flows that are open.");

    private static readonly Counter<long> Bytes = CocoTelemetry.Meter.CreateCounter<long>("coco.tunnels.io", "By", "Bytes carried, by direction.");

    private static readonly Counter<long> Lost =
        CocoTelemetry.Meter.CreateCounter<long>("coco.tunnels.lost_datagrams", "{datagram}", "Datagrams that could not be passed on.");

    private static readonly KeyValuePair<string, object?> Used = new("side", "used");
    private static readonly KeyValuePair<string, object?> Served = new("side", "served");
    private static readonly KeyValuePair<string, object?> Ok = new("result", "ok");
    private static readonly KeyValuePair<string, object?> Refused = new("result", "refused");
    private static readonly KeyValuePair<string, object?> ToPeers = new("direction", "to_peers");
    private static readonly KeyValuePair<string, object?> FromPeers = new("direction", "from_peers");

    public static void LetIn(bool isServed) => Connections.Add(1, SideOf(isServed), Ok);

    public static void TurnedAway(bool isServed) => Connections.Add(1, SideOf(isServed), Refused);

    public static void Began(bool isServed) => Active.Add(1, SideOf(isServed));

    public static void Ended(bool isServed) => Active.Add(-1, SideOf(isServed));

    public static void Sent(bool isServed, int bytes) => Bytes.Add(bytes, SideOf(isServed), ToPeers);

    public static void Received(bool isServed, int bytes) => Bytes.Add(bytes, SideOf(isServed), FromPeers);

    public static void LostOne(bool isServed) => Lost.Add(1, SideOf(isServed));

    /// <summary>Traces a connection or flow from its request to its end.</summary>
    public static Activity? Trace(bool isServed, NodeId peer, string service)
    {
        var activity = CocoTelemetry.Source.StartActivity("coco tunnel", isServed ? ActivityKind.Server : ActivityKind.Client);
        return activity?.SetTag("coco.peer", peer.ToString()).SetTag("coco.service", service);
    }

    private static KeyValuePair<string, object?> SideOf(bool isServed) => isServed ? Served : Used;
}
