namespace Coco.ControlPlane.Certificates;

/// <summary>What is known of a certificate that is asked for.</summary>
/// <param name="Chain">In PEM; null until there is one.</param>
/// <param name="SealedKey">Its key, sealed.</param>
/// <param name="Begins">Since when it is good.</param>
/// <param name="Renew">From when on the next is asked for.</param>
/// <param name="Ends">Until when it is good.</param>
/// <param name="Attempts">Attempts that failed since the last that did not.</param>
/// <param name="Next">No attempt is made before.</param>
/// <param name="Problem">Why the last one failed; null when it did not.</param>
internal sealed record CertificateState(string? Chain, byte[]? SealedKey, DateTimeOffset? Begins, DateTimeOffset? Renew, DateTimeOffset? Ends, long Attempts, DateTimeOffset Next, string? Problem)
{
    /// <summary>Of which nothing is known yet.</summary>
    public static readonly CertificateState None = new(null, null, null, null, null, 0, DateTimeOffset.UnixEpoch, null);

    // What lies further ahead than any pause was written by a clock that was ahead.
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(2);

    /// <summary>Whether an attempt is to be made.</summary>
    public bool IsDue(DateTimeOffset now)
    {
        if (Renew is { } renew && now < renew) { return false; }
        var longest = Ends - Begins is { } life && life / 5 > LongestPause ? life / 5 : LongestPause;
        return Next <= now || Next > now + longest;
    }
}
