namespace Coco.Cluster.Graph;

/// <summary>
/// Whom a node links to. Hashes put all members on several rings, each in another order; a node links to those before and after it on each.
/// One ring connects everybody by construction, three together are a random regular graph, and a node that joins or leaves moves two links
/// of each ring. Each end computes what the other computes, so nothing has to be agreed.
/// </summary>
internal static class Rings
{
    /// <summary>Writes the slots of those that <paramref name="self"/> links to; <paramref name="self"/> need not be among the members.</summary>
    public static void Choose(ReadOnlySpan<RingMember> members, in RingMember self, GraphOptions options, List<int> chosen)
    {
        chosen.Clear();
        var others = members.Length;
        foreach (ref readonly var member in members)
        {
            if (member.Slot == self.Slot) { others--; }
        }
        if (others < options.AllToAll)
        {
            foreach (ref readonly var member in members)
            {
                if (member.Slot != self.Slot && CanLink(self, member)) { chosen.Add(member.Slot); }
            }
            return;
        }
        for (var ring = 0; ring < self.Rings; ring++) { ChooseOn(ring, members, self, chosen); }
    }

    // Nodes that do not forward are leaves: nobody's way may lead over them, so rings are made of the others.
    private static void ChooseOn(int ring, ReadOnlySpan<RingMember> members, in RingMember self, List<int> chosen)
    {
        var here = Position(self.Tag, ring);
        var (after, before) = (-1, -1);
        var (toAfter, toBefore) = (ulong.MaxValue, ulong.MaxValue);
        foreach (ref readonly var member in members)
        {
            if (member.Slot == self.Slot || !member.Forwards || !CanLink(self, member)) { continue; }
            var distance = Position(member.Tag, ring) - here;
            if (distance < toAfter) { (after, toAfter) = (member.Slot, distance); }
            if (0 - distance < toBefore) { (before, toBefore) = (member.Slot, 0 - distance); }
        }
        if (after >= 0 && !chosen.Contains(after)) { chosen.Add(after); }
        if (before >= 0 && !chosen.Contains(before)) { chosen.Add(before); }
    }

    private static bool CanLink(in RingMember one, in RingMember other) => !(one.HardNat && other.HardNat) && !other.Avoided;

    private static ulong Position(NodeTag tag, int ring) => Mix(tag.Value + ((ulong)(ring + 1) * 0x9E37_79B9_7F4A_7C15));

    /// <summary>The finaliser of SplitMix64: spreads what differs in any bit over all.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
