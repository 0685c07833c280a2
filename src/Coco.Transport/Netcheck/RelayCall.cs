using Coco.Quic.Connections;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Transport.Netcheck;

/// <summary>One way to a relay, while it is being tried: a link first where it needs one, then a handshake that proves who is there.</summary>
internal sealed class RelayCall(RelayInfo relay, RelayTransport transport, NetworkAddress address, string? url)
{
    // Chosen: enough for one of them to find both ends at rest, and over before the NAT has been looked at.
    private const int Pings = 4;
    private static readonly TimeSpan PingInterval = TimeSpan.FromMilliseconds(50);

    private int _pings;

    public RelayInfo Relay { get; } = relay;

    public RelayTransport Transport { get; } = transport;

    public NetworkAddress Address { get; } = address;

    public string? Url { get; } = url;

    /// <summary>The TCP or WebSocket link.</summary>
    public Link? Link { get; set; }

    public QuicConnection? Quic { get; set; }

    public bool IsReached { get; private set; }

    public string? Failure { get; set; }

    public bool IsOver => IsReached || Failure is not null;

    /// <summary>When the round trip is measured again; <see cref="TimeSpan.MaxValue"/> when that is over, or has not begun.</summary>
    public TimeSpan NextPing { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Whether nothing more is to be learned of it.</summary>
    public bool IsSettled => IsOver && NextPing == TimeSpan.MaxValue;

    /// <summary>The relay proved its identity. The round trip is measured some times more: the first one holds the work of both ends.</summary>
    public void HandleReached(TimeSpan now) => (IsReached, NextPing) = (true, now);

    public void HandleTimeout(TimeSpan now)
    {
        if (now < NextPing) { return; }
        NextPing = _pings++ < Pings ? now + PingInterval : TimeSpan.MaxValue;
        Quic!.Ping();
    }

    public RelayAttempt ToAttempt()
    {
        TimeSpan? latency = IsReached ? Quic!.Statistics.MinimumRtt : null;
        return new(Transport, Url ?? Address.ToString(), IsReached, latency, IsReached ? null : Failure ?? "no answer in time");
    }
}
