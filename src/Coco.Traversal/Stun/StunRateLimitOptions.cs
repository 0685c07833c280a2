namespace Coco.Traversal.Stun;

/// <summary>
/// How much is answered to whom. We chose the defaults: a NAT check takes about ten requests every five minutes, and behind one network of a carrier are ten thousand
/// hosts, some hundred of which may start at once, after a power cut. Whoever is not answered takes UDP for blocked. What a victim of false addresses can be sent
/// stays below 100 kB/s.
/// </summary>
internal sealed record StunRateLimitOptions
{
    /// <summary>Answers a second to one source network, from 1 to 10,000, default 500.</summary>
    public int PerSecond { get; init => field = Guard.InRange(value, 1, 10_000); } = 500;

    /// <summary>Answers to one source network at once, from 1 to 10,000, default 2,500.</summary>
    public int Burst { get; init => field = Guard.InRange(value, 1, 10_000); } = 2500;

    /// <summary>Answers a second to everybody together, from 1 to 1,000,000, default 5,000.</summary>
    public int TotalPerSecond { get; init => field = Guard.InRange(value, 1, 1_000_000); } = 5_000;

    /// <summary>Counters kept, of 16 bytes each, from 1 to 1,048,576, default 4,096.</summary>
    public int Counters { get; init => field = Guard.InRange(value, 1, 1 << 20); } = 4096;

    /// <summary>Leading bits of an IPv4 address that make a source network, default 24.</summary>
    public int Ipv4PrefixLength { get; init => field = Guard.InRange(value, 0, 32); } = 24;

    /// <summary>Leading bits of an IPv6 address that make a source network, default 56: what one home is given (RFC 6177 §2).</summary>
    public int Ipv6PrefixLength { get; init => field = Guard.InRange(value, 0, 128); } = 56;
}
