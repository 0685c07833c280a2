namespace Coco.Cluster.Invitations;

/// <summary>Lets a burst pass, then one more for each interval.</summary>
internal struct TokenBucket(int burst, TimeSpan interval)
{
    // As a time: when the bucket will be full again.
    private TimeSpan _fullAt;

    public bool TryTake(TimeSpan now)
    {
        var from = _fullAt > now ? _fullAt : now;
        if (from + interval - now > burst * interval) { return false; }
        _fullAt = from + interval;
        return true;
    }
}
