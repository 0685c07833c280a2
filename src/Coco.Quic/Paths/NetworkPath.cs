using Coco.Quic.Congestion;

namespace Coco.Quic.Paths;

/// <summary>
/// One path of a connection: whether it is proved, how it performs, and which connection ID reaches the peer over it. Round-trip
/// time and congestion state belong to a path and start afresh on another (RFC 9000 §9.4).
/// </summary>
internal sealed class NetworkPath
{
    /// <summary>RFC 9000 §8.1: before an address is validated, no more than three times what came from it is sent to it.</summary>
    private const int AmplificationFactor = 3;

    public readonly PathInfo Info;
    public readonly ushort Key; // tells this path in sent packets; never used twice in a connection's recent past
    public readonly CongestionController Congestion;
    public RttEstimator Rtt;
    public Pacer Pacer;
    public EcnValidator Ecn;
    public PathMtuDiscovery Mtu;
    public PathValidation Validation;

    /// <summary>Sequence number of the peer's connection ID that this path uses.</summary>
    public ulong RemoteConnectionId;

    /// <summary>Sequence number of our connection ID that the peer last used here.</summary>
    public ulong LocalConnectionId;

    /// <summary>The largest packet number sent on this path that was acknowledged, or -1.</summary>
    public long LargestAcked = -1;

    /// <summary>Packets sent on this path whose fate is open.</summary>
    public int Outstanding;

    public long LastUsed;

    /// <summary>When the first round trip was measured; 0 before (RFC 9002 §7.6.2).</summary>
    public long FirstRttSample;

    private long _received;
    private long _sent;

    public NetworkPath(in PathInfo info, ushort key, QuicOptions options, int peerMaxPayload, bool isAddressValidated)
    {
        Info = info;
        Key = key;
        IsAddressValidated = isAddressValidated;
        var limit = Math.Clamp(Math.Min(info.MaxDatagramSize, peerMaxPayload), PathMtuDiscovery.Base, 65_527);
        Mtu = info.Kind == PathKind.Reliable ? PathMtuDiscovery.ForReliable(limit)
            : PathMtuDiscovery.ForDatagrams(options.ProbePathMtu ? limit : PathMtuDiscovery.Base);
        Congestion = info.Kind == PathKind.Reliable ? new ByteStreamWindow(Mtu.Current) : CongestionController.Create(options.Congestion, Mtu.Current);
        UsesEcn = options.Ecn && info.Kind == PathKind.Datagram;
    }

    public PathId Id => Info.Id;

    public bool UsesEcn { get; }

    /// <summary>Whether the peer has shown that it receives what we send here.</summary>
    public bool IsAddressValidated { get; private set; }

    /// <summary>Bytes that may be sent before the address is validated.</summary>
    public long SendAllowance => IsAddressValidated ? long.MaxValue : (_received * AmplificationFactor) - _sent;

    public long BytesReceived => _received;

    public long BytesSent => _sent;

    /// <summary>The peer takes no larger datagrams (max_udp_payload_size, RFC 9000 §18.2).</summary>
    public void LimitDatagramSize(int peerMaxPayload, QuicOptions options)
    {
        if (!options.ProbePathMtu && Info.Kind == PathKind.Datagram) { return; }
        Mtu.SetLimit(Math.Clamp(Math.Min(Info.MaxDatagramSize, peerMaxPayload), PathMtuDiscovery.Base, 65_527));
        Congestion.SetMaxDatagramSize(Mtu.Current);
    }

    public void MarkAddressValidated() => IsAddressValidated = true;

    public void OnReceived(int bytes, long now)
    {
        _received += bytes;
        LastUsed = now;
    }

    public void OnSent(int bytes) => _sent += bytes;
}
