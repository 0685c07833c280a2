namespace Coco.Traversal.Finding;

/// <summary>
/// How often a quiet path through one NAT has to be used so that its mapping lives. Kept by the owner for each gateway and outer address.
/// RFC 4787 §4.3 asks for two minutes; many give 30 s, some 15.
/// </summary>
internal sealed class KeepAliveLearner
{
    /// <summary>Chosen: under the 30 s that are common, and 144 packets an hour.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(25);

    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(110);

    // Chosen: about ten minutes of proof before each step up; a step that fails costs a path.
    private const int ProofsPerStep = 24;

    private TimeSpan _deadly = TimeSpan.MaxValue; // the shortest silence that a mapping did not survive
    private int _proofs;

    /// <summary>The interval to use now.</summary>
    public TimeSpan Interval { get; private set; } = First;

    /// <summary>A path was silent for so long and its mapping was still there.</summary>
    public void HandleSurvived(TimeSpan silence)
    {
        if (silence < Interval * 0.9 || ++_proofs < ProofsPerStep) { return; }
        _proofs = 0;
        var longer = Min(Interval * 1.25, Longest);
        // Never again into the range that killed one, with a margin for timers that differ.
        if (longer < _deadly * 0.8) { Interval = longer; }
    }

    /// <summary>A path was silent for so long and its mapping was gone.</summary>
    public void HandleDied(TimeSpan silence)
    {
        _proofs = 0;
        _deadly = Min(_deadly, silence);
        var shorter = Min(Interval, silence) * 0.6;
        Interval = shorter > Shortest ? shorter : Shortest;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
