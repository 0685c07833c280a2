using Coco.Quic.Connections;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Transport.Loop;

/// <summary>What other threads see of a connection: made by the loop, never changed.</summary>
internal sealed record ConnectionView(IReadOnlyList<PathSnapshot> Paths, PathSnapshot? Active, TransportStatistics Statistics, int MaxDatagramLength, Verdict? Verdict, TimeSpan Made)
{
    public static readonly ConnectionView Empty = new([], null, new(), 0, null, TimeSpan.Zero);

    public static ConnectionView Of(RoamingEndpoint core, QuicConnection quic, Verdict? verdict, TimeSpan now)
    {
        var ids = quic.Paths; // a list made for each who asks
        var paths = new PathSnapshot[ids.Count];
        PathSnapshot? active = null;
        for (var i = 0; i < paths.Length; i++)
        {
            var id = ids[i];
            var way = core.WayOf(id);
            var (sent, received, rtt) = quic.PathFigures(id);
            paths[i] = new(TypeOf(way), core.RemoteOf(way).ToIPEndPoint(), id == quic.ActivePath, rtt, sent, received)
            {
                IsOnLan = !way.IsRelayed && way.Link.Kind is not LinkKind.Hop && core.Situation.IsOnOwnNetwork(core.RemoteOf(way)),
            };
            if (paths[i].IsActive) { active = paths[i]; }
        }
        var figures = quic.Statistics;
        var statistics = new TransportStatistics
        {
            RoundTripTime = figures.SmoothedRtt,
            MinimumRoundTripTime = figures.MinimumRtt,
            PacketsSent = figures.PacketsSent,
            PacketsReceived = figures.PacketsReceived,
            PacketsLost = figures.PacketsLost,
            CongestionWindow = figures.CongestionWindow,
            MaxPacketSize = figures.MaxDatagramSize,
        };
        return new(paths, active, statistics, quic.MaxDatagramLength, verdict, now);
    }

    private static PathType TypeOf(in PathAddress way) => way.Link.Kind switch
    {
        LinkKind.Hop => PathType.Mesh,
        LinkKind.WebSocket => PathType.RelayWebSocket,
        _ when way.IsRelayed => PathType.Relay,
        LinkKind.Tcp => PathType.Tcp,
        _ => PathType.Udp,
    };
}
