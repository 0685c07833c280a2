namespace Coco.Cluster.Graph;

/// <summary>Highest random weight: everybody who knows the same nodes picks the same few for a key, and a node that goes moves only its own keys.</summary>
internal static class Rendezvous
{
    /// <summary>Fills <paramref name="top"/> with the indexes of the nodes of greatest weight for a key, greatest first; returns how many.</summary>
    public static int Top(NodeTag key, ReadOnlySpan<NodeTag> nodes, Span<int> top)
    {
        Span<ulong> weights = stackalloc ulong[top.Length];
        var count = 0;
        for (var i = 0; i < nodes.Length; i++)
        {
            var weight = Rings.Mix(nodes[i].Value ^ Rings.Mix(key.Value));
            var at = count;
            while (at > 0 && weight > weights[at - 1]) { at--; }
            if (at == top.Length) { continue; }
            count = Math.Min(count + 1, top.Length);
            for (var j = count - 1; j > at; j--) { (weights[j], top[j]) = (weights[j - 1], top[j - 1]); }
            (weights[at], top[at]) = (weight, i);
        }
        return count;
    }
}
