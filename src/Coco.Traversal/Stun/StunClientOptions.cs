namespace Coco.Traversal.Stun;

/// <summary>How requests are sent again over UDP (RFC 8489 §6.2.1), and how many at once.</summary>
internal sealed record StunClientOptions
{
    /// <summary>Time to the second request, doubled for each after it, from 10 ms to 10 s, default 500 ms.</summary>
    public TimeSpan Rto
    {
        get;
        init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
    } = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests sent before giving up, "Rc", from 1 to 16, default 7.</summary>
    public int MaxRequests { get; init => field = Guard.InRange(value, 1, 16); } = 7;

    /// <summary>How many RTO are waited after the last request, "Rm", from 1 to 64, default 16.</summary>
    public int LastWaitFactor { get; init => field = Guard.InRange(value, 1, 64); } = 16;

    /// <summary>Transactions at once, from 1 to 1,024, default 64. More are not begun.</summary>
    public int MaxTransactions { get; init => field = Guard.InRange(value, 1, 1024); } = 64;
}
