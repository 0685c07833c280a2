namespace Coco.Traversal.Finding;

/// <summary>When the probes of one series go out, from its start. The first answer ends a series.</summary>
internal sealed class ProbePlan
{
    /// <summary>Simultaneous sending: 40 ms as measured, then growing, within the budget of three seconds.</summary>
    public static readonly ProbePlan Punch = new(800, 0, 40, 80, 160, 280, 480, 800, 1300, 2000);

    /// <summary>For private addresses that are not of our own network: most likely somebody else's.</summary>
    public static readonly ProbePlan Foreign = new(800, 0, 40, 160, 480);

    /// <summary>For guessed ports: the mapping that is hoped for is there at once or never.</summary>
    public static readonly ProbePlan Guess = new(800, 0, 120, 400, 1000);

    /// <summary>Is a quiet path still there?</summary>
    public static readonly ProbePlan Check = new(1000, 0, 500, 1500);

    /// <summary>Which of several paths still delivers?</summary>
    public static readonly ProbePlan Race = new(1000, 0, 100, 300, 700, 1500);

    /// <summary>Once: an answer shows that it works both ways.</summary>
    public static readonly ProbePlan Triggered = new(800, 0, 40, 120, 300);

    private readonly int[] _delaysMs;

    private ProbePlan(int graceMs, params int[] delaysMs)
    {
        _delaysMs = delaysMs;
        Duration = TimeSpan.FromMilliseconds(delaysMs[^1] + graceMs);
    }

    public int Count => _delaysMs.Length;

    /// <summary>From the start to the time at which no answer is an answer.</summary>
    public TimeSpan Duration { get; }

    public TimeSpan Delay(int index) => TimeSpan.FromMilliseconds(_delaysMs[index]);
}
