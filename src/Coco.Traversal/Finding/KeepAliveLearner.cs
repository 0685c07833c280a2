namespace Coco.Traversal.Finding;

/// <summary>
/// How often a quiet path through one NAT has to be used so that its mapping lives. Kept by the owner for each outer address. RFC 4787 §4.3
/// asks for two minutes; many give 30 s, some 15. Longer silences are tried on a mapping that nothing depends on (<see cref="MappingTrials"/>):
/// trials alone lengthen the interval, while a path that died after a silence shortens it at once.
/// </summary>
internal sealed class KeepAliveLearner
{
    /// <summary>Chosen: under the 30 s that are common, and 144 packets an hour. The interval wherever nothing can be tried.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(25);

    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    /// <summary>Chosen: 90 packets an hour; and a quiet connection with an idle timeout of two minutes outlives an outage of half a minute.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(80);

    /// <summary>Chosen: where nothing on the way forgets, 24 packets an hour, so that who has many quiet neighbours is left in peace by each.
    /// It takes so long to notice that a peer is gone; who wants to know sooner asks for less.</summary>
    public static readonly TimeSpan WithoutMapping = TimeSpan.FromMinutes(5);

    // Chosen: 28 s first, which the first interval has to be safe for with the tenth that the other side of a connection waits longer.
    private static readonly int[] TrialSeconds = [12, 15, 20, 28, 40, 60, 80, 100];
    private const int FirstTrial = 3;

    // Chosen: timers differ, and so do the flows of one NAT.
    private const double Margin = 0.8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(10);
    private const int MaxDoublings = 7; // a day

    private int _lived = -1; // the longest trial that the mapping survived
    private int _died = TrialSeconds.Length; // the shortest that it did not
    private bool _hasTried;
    private int _losses;

    /// <summary>The interval to use now.</summary>
    public TimeSpan Interval { get; private set; } = First;

    /// <summary>The silence to try next; null when enough is known.</summary>
    public TimeSpan? NextTrial => _lived + 1 >= _died ? null : TimeSpan.FromSeconds(TrialSeconds[Next]);

    /// <summary>Not before is anything tried.</summary>
    public TimeSpan TrialsFrom { get; private set; }

    /// <summary>Something from outside came through a mapping that had been silent for <see cref="NextTrial"/>.</summary>
    public void HandleSurvived()
    {
        _lived = Next;
        _hasTried = true;
        var proven = TimeSpan.FromSeconds(TrialSeconds[_lived]) * Margin;
        if (_lived >= FirstTrial) { proven = Max(proven, First); }
        Interval = Min(Max(proven, Shortest), Longest);
    }

    /// <summary>Nothing came through it any more, but did once it had been made anew.</summary>
    public void HandleExpired()
    {
        _died = Next;
        _hasTried = true;
        if (_died <= FirstTrial) { Interval = Max(Shortest, Min(Interval, TimeSpan.FromSeconds(TrialSeconds[_died]) / 2)); }
    }

    /// <summary>A path that others depend on was silent for so long and its mapping was gone.</summary>
    public void HandleLost(TimeSpan silence, TimeSpan now)
    {
        if (silence > Interval * 2) { return; } // nothing that we let happen: the host slept, or the path was no longer kept
        Interval = Max(Shortest, Min(Interval, silence) / 2);
        // It may have been one flow, or a lie of a peer's; or the NAT treats the trial's mapping better than others. So it is tried anew, but ever later.
        (_lived, _died, _hasTried) = (-1, TrialSeconds.Length, false);
        TrialsFrom = now + (FirstPause * (1 << Math.Min(_losses++, MaxDoublings)));
    }

    private int Next => _hasTried ? (_lived + _died) / 2 : FirstTrial;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
