using Coco.Cluster.Invitations;

namespace Coco.Cluster.Discovery;

/// <summary>An interface we discover on, and what is due there.</summary>
internal sealed class LanLink(int index, int burst)
{
    public int Index => index;

    public bool HasIpv4 { get; set; }

    public bool HasIpv6 { get; set; }

    public TimeSpan QueryAt { get; set; }

    public TimeSpan QueryInterval { get; set; }

    /// <summary>When to say who we are; never, for as long as nobody asks.</summary>
    public TimeSpan ResponseAt { get; set; } = TimeSpan.MaxValue;

    public TimeSpan LastResponse { get; set; } = TimeSpan.MinValue / 2;

    /// <summary>Unasked responses still to be sent (RFC 6762 §8.3).</summary>
    public int Announcements { get; set; }

    public bool AnswersServices { get; set; }

    public TokenBucket Datagrams = new(burst, TimeSpan.FromMilliseconds(10));
}
