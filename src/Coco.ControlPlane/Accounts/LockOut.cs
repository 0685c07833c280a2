namespace Coco.ControlPlane.Accounts;

/// <summary>How long a password is not tried after failures: nothing for the first few, then twice as long each time.</summary>
internal static class LockOut
{
    /// <summary>When failures are forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>No wait is longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    // People mistype a few times. With these, nobody guesses more often than some hundred times a day.
    private const int Free = 5;
    public static TimeSpan DelayAfter(long failures)
    {
        if (failures < Free) { return TimeSpan.Zero; }
        var seconds = Math.Pow(2, Math.Min(failures - Free, 30));
        return seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
    }
}
