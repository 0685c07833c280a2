using System.Diagnostics.Metrics;

namespace Coco.Transport;

/// <summary>
/// What a process's endpoints measure, on the meter <c>Coco.Transport</c>. No measurement names a peer or an address: their number has
/// no bound.
/// </summary>
internal static class TransportMetrics
{
    public const string MeterName = "Coco.Transport";

    private static readonly Meter Meter = new(MeterName);

    private static readonly UpDownCounter<long> Connections =
        Meter.CreateUpDownCounter<long>("coco.transport.connections", "{connection}", "Connections that are open.");

    private static readonly Counter<long> Handshakes =
        Meter.CreateCounter<long>("coco.transport.handshakes", "{handshake}", "Calls made and answered, by direction and result.");

    private static readonly Counter<long> PathSwitches =
        Meter.CreateCounter<long>("coco.transport.path_switches", "{switch}", "Times a connection moved to another path.");

    private static readonly Counter<long> SentBytes =
        Meter.CreateCounter<long>("coco.transport.sent", "By", "Bytes of datagrams handed to sockets.");

    private static readonly Counter<long> ReceivedBytes =
        Meter.CreateCounter<long>("coco.transport.received", "By", "Bytes of datagrams taken from sockets.");

    private static readonly Counter<long> RelayedBytes =
        Meter.CreateCounter<long>("coco.transport.relayed", "By", "Bytes of others' datagrams that this process passed on as a relay.");

    private static readonly Counter<long> ForwardedBytes =
        Meter.CreateCounter<long>("coco.transport.forwarded", "By", "Bytes of others' datagrams that this process passed on as a member of a mesh.");

    private static readonly Counter<long> ForwardedDatagrams =
        Meter.CreateCounter<long>("coco.transport.forwarded_datagrams", "{datagram}", "Others' datagrams that this process passed on as a member of a mesh.");

    private static readonly Counter<long> RefusedSends =
        Meter.CreateCounter<long>("coco.transport.refused_sends", "{batch}", "Batches that a socket refused: too big, no route, or forbidden.");

    private static readonly Counter<long> DroppedDatagrams =
        Meter.CreateCounter<long>("coco.transport.dropped_datagrams", "{datagram}", "Application datagrams dropped because nobody took them in time.");

    private static readonly KeyValuePair<string, object?> Outgoing = new("direction", "outgoing");
    private static readonly KeyValuePair<string, object?> Incoming = new("direction", "incoming");
    private static readonly KeyValuePair<string, object?> Ok = new("result", "ok");
    private static readonly KeyValuePair<string, object?> Failed = new("result", "failed");

    public static void Opened(bool isOutgoing)
    {
        Connections.Add(1);
        Handshakes.Add(1, isOutgoing ? Outgoing : Incoming, Ok);
    }

    public static void Closed() => Connections.Add(-1);

    public static void CallFailed() => Handshakes.Add(1, Outgoing, Failed);

    public static void Switched() => PathSwitches.Add(1);

    public static void Sent(int bytes) => SentBytes.Add(bytes);

    public static void Received(int bytes) => ReceivedBytes.Add(bytes);

    public static void Relayed(int bytes) => RelayedBytes.Add(bytes);

    public static void Forwarded(long datagrams, long bytes)
    {
        ForwardedDatagrams.Add(datagrams);
        ForwardedBytes.Add(bytes);
    }

    public static void Refused() => RefusedSends.Add(1);

    public static void DatagramDropped() => DroppedDatagrams.Add(1);
}
