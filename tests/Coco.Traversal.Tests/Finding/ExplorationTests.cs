using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

/// <summary>
/// All short sequences of events, breadth first, states that were seen left out; and long random ones. After each, both sides must
/// end up on what works, and agree. COCO_ALL=1 goes deeper; COCO_SEED=n runs one random sequence.
/// </summary>
public sealed class ExplorationTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    [Theory]
    [InlineData((int)NatKind.PortRestricted, (int)NatKind.PortRestricted, 3, 4)]
    [InlineData((int)NatKind.None, (int)NatKind.PortRestricted, 2, 3)]
    [InlineData((int)NatKind.Symmetric, (int)NatKind.AddressRestricted, 2, 3)]
    public void No_short_sequence_of_events_leaves_a_stuck_state_or_a_disagreement(int one, int other, int depth, int fullDepth)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var tried = 0;
        var frontier = new List<ModelEvent[]> { Array.Empty<ModelEvent>() };
        for (var level = 0; level <= (All ? fullDepth : depth); level++)
        {
            var next = new List<ModelEvent[]>();
            foreach (var sequence in frontier)
            {
                tried++;
                if (!Try((NatKind)one, (NatKind)other, 1, sequence, seen)) { continue; }
                foreach (var what in Enum.GetValues<ModelEvent>()) { next.Add([.. sequence, what]); }
            }
            frontier = next;
        }
        TestContext.Current.SendDiagnosticMessage($"{(NatKind)one} and {(NatKind)other}: {tried} sequences, {seen.Count} states");
        Assert.True(seen.Count > 100, $"only {seen.Count} states were reached");
    }

    [Fact]
    public void Random_sequences_of_events_leave_no_stuck_state_and_no_disagreement()
    {
        var (first, count) = int.TryParse(Environment.GetEnvironmentVariable("COCO_SEED"), out var only) ? (only, 1) : (1, All ? 50_000 : 2_000);
        NatKind[] kinds = [NatKind.None, NatKind.Firewall, NatKind.Open, NatKind.AddressRestricted, NatKind.PortRestricted];
        for (var seed = first; seed < first + count; seed++)
        {
            var random = new Random(seed);
            var sequence = new ModelEvent[random.Next(4, 16)];
            for (var i = 0; i < sequence.Length; i++) { sequence[i] = (ModelEvent)random.Next(ModelScript.Count); }
            Try(kinds[random.Next(kinds.Length)], kinds[random.Next(kinds.Length)], (ulong)seed, sequence, seen: null);
        }
    }

    public static TheoryData<int, int, string> FormerFailures() => new()
    {
        { (int)NatKind.None, (int)NatKind.PortRestricted, "DirectDiesThere, RelaySessionEnds" },
        { (int)NatKind.Symmetric, (int)NatKind.AddressRestricted, "DirectDiesThere" },
        { (int)NatKind.Symmetric, (int)NatKind.AddressRestricted, "DirectDiesBack, OtherMovesUntold, Wait40Seconds" },
        { (int)NatKind.PortRestricted, (int)NatKind.PortRestricted, "RelaySessionEnds, Wait500Ms, RelayHeals, RelayHangs" },
        { (int)NatKind.PortRestricted, (int)NatKind.Open, "RelayHangs, Wait500Ms, LossyLinks, DirectDiesThere, Wait4Seconds, OtherTalks, DirectHeals, Wait4Seconds" },
    };

    [Theory]
    [MemberData(nameof(FormerFailures))]
    public void Sequences_that_once_failed_do_so_no_more(int one, int other, string sequence) =>
        Try((NatKind)one, (NatKind)other, 1, [.. sequence.Split(", ").Select(Enum.Parse<ModelEvent>)], seen: null);

    /// <summary>Whether the sequence led to a state not seen before.</summary>
    private static bool Try(NatKind one, NatKind other, ulong seed, ModelEvent[] sequence, HashSet<string>? seen)
    {
        try
        {
            var script = new ModelScript(one, other, seed);
            script.World.Run(0.02);
            foreach (var what in sequence)
            {
                if (!script.TryApply(what) && seen is not null) { return false; }
            }
            if (seen is not null && !seen.Add(script.Fingerprint())) { return false; }
            script.Settle();
            return true;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{one} and {other}, seed {seed}, {string.Join(", ", sequence)}: {exception.Message}", exception);
        }
    }
}
