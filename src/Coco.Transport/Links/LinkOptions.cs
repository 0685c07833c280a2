using System.Runtime.CompilerServices;

namespace Coco.Transport.Links;

/// <summary>Limits and times of TCP and WebSocket links.</summary>
internal sealed record LinkOptions
{
    /// <summary>Bytes of datagrams, each with 2 bytes of length, that wait in a link to be sent or are being sent; what comes beyond is
    /// refused. Shallow: what is in it comes before all that is more urgent. From 4 KiB to 16 MiB, default 256 KiB.</summary>
    public int SendBuffer { get; init => field = InRange(value, 4 << 10, 16 << 20); } = 256 << 10;

    /// <summary>Bytes that wait behind those being sent, from which on a link counts as full: its owner makes no more until they go too. An
    /// eighth, so that two batches of a core, 64 KiB each, and what nobody holds back, such as closes and probes, always fit.</summary>
    public int FullMark => SendBuffer / 8;

    /// <summary>Bytes up to which a relay's datagrams are taken that are for somebody else. What comes beyond is lost, since a relay that kept
    /// it would only hide from both ends how fast the way between them is; the rest is left for its own connections.</summary>
    public int ForwardMark => SendBuffer / 2;

    /// <summary>Received batches, of 64 KiB each, that the owner may hold before a link stops reading. From 1 to 64, default 4.</summary>
    public int ReceiveBatches { get; init => field = InRange(value, 1, 64); } = 4;

    /// <summary>Time to open a link, from the first packet to the answer of the other end. From 10 ms to 2 minutes, default 10 s.</summary>
    public TimeSpan OpenTimeout { get; init => field = InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(2)); } = TimeSpan.FromSeconds(10);

    /// <summary>Time for the preamble of a TCP link. From 10 ms to 1 minute, default 5 s.</summary>
    public TimeSpan PreambleTimeout { get; init => field = InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(5);

    /// <summary>Time an accepted link has, from its first packet, until the owner calls it authenticated; TLS and HTTP are part of it.
    /// From 10 ms to 5 minutes, default 10 s.</summary>
    public TimeSpan AuthenticationTimeout { get; init => field = InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5)); } =
        TimeSpan.FromSeconds(10);

    /// <summary>Time for what is queued to leave when a link is closed. From zero to 1 minute, default 1 s.</summary>
    public TimeSpan CloseTimeout { get; init => field = InRange(value, TimeSpan.Zero, TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(1);

    /// <summary>How often the client of a WebSocket pings: proxies forget what is silent for a minute, some for 30 s.
    /// From 10 ms to 1 hour, default 25 s.</summary>
    public TimeSpan PingInterval { get; init => field = InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(25);

    /// <summary>Time TCP and WebSocket wait for a sign of life from the other end once they asked for one. QUIC above notices earlier.
    /// From 1 s to 10 minutes, default 30 s.</summary>
    public TimeSpan DeadAfter { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(30);

    /// <summary>Links being opened at once; more are refused. From 1 to 10,000, default 64.</summary>
    public int MaxOpening { get; init => field = InRange(value, 1, 10_000); } = 64;

    /// <summary>Accepted links at once. From 1 to 1,000,000, default 10,000.</summary>
    public int MaxAccepted { get; init => field = InRange(value, 1, 1_000_000); } = 10_000;

    /// <summary>Accepted links that nobody has called authenticated yet. From 1 to 100,000, default 256.</summary>
    public int MaxUnauthenticated { get; init => field = InRange(value, 1, 100_000); } = 256;

    /// <summary>The same from one IPv4 address or one IPv6 /64. Authenticated links are not counted, for many people may share one
    /// address. From 1 to 100,000, default 16.</summary>
    public int MaxUnauthenticatedPerAddress { get; init => field = InRange(value, 1, 100_000); } = 16;

    /// <summary>Through which HTTP proxy WebSockets are opened. Default: as the system or the environment says.</summary>
    public ProxyOptions Proxy { get; init; } = ProxyOptions.System;

    private static T InRange<T>(T value, T least, T most, [CallerMemberName] string name = "")
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
}
