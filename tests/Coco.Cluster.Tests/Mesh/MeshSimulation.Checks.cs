using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Tests.Mesh;

/// <content>What has to hold.</content>
internal sealed partial class MeshSimulation
{
    private readonly long[,] _frameBytes = new long[16, 4];

    /// <summary>Bytes sent, by what they say.</summary>
    public SortedDictionary<string, long> BytesByFrame
    {
        get
        {
            var bytes = new SortedDictionary<string, long>(StringComparer.Ordinal);
            for (var type = 0; type < _frameBytes.GetLength(0); type++)
            {
                for (var kind = 0; kind < _frameBytes.GetLength(1); kind++)
                {
                    var name = (MeshFrameType)type is MeshFrameType.GraphDigest ? $"GraphDigest.{(DigestKind)kind}" : $"{(MeshFrameType)type}";
                    if (_frameBytes[type, kind] > 0) { bytes.Add(name, _frameBytes[type, kind]); }
                }
            }
            return bytes;
        }
    }

    /// <summary>No byte of another sub-cluster's graph ever reaches a node that may not see it.</summary>
    private void CheckVisibility(SimulatedMember receiver, ReadOnlySpan<byte> message)
    {
        var reader = new SpanReader(message);
        while (reader.TryReadVarInt(out var type) && reader.TryReadVarIntBytes(out var body))
        {
            if (receiver.SubCluster.IsCore || type is not (4 or 5 or 6 or 7)) { continue; }
            var inner = new SpanReader(body);
            if (type == 7)
            {
                while (inner.TryReadVarIntBytes(out var certificate)) { CheckVisible(receiver, NodeId.Read(certificate[..NodeId.Size])); }
                continue;
            }
            Assert.True(ScopeId.TryRead(ref inner, out var scope));
            Assert.True(scope.IsCore || scope == ScopeId.Of(receiver.SubCluster), $"{scope} reached a member of {receiver.SubCluster}");
            while (type == 5 && inner.TryReadVarInt(out _) && inner.TryReadVarIntBytes(out var bytes))
            {
                Assert.True(Advertisement.TryReadHeader(bytes, out var header));
                CheckVisible(receiver, header.Node);
            }
        }
    }

    private void CountFrames(ReadOnlySpan<byte> message)
    {
        var reader = new SpanReader(message);
        while (reader.TryReadVarInt(out var type) && reader.TryReadVarIntBytes(out var body))
        {
            var kind = type == (ulong)MeshFrameType.GraphDigest ? body[1 + body[0]] : 0;
            _frameBytes[(int)type, kind] += body.Length + 3;
        }
    }

    private void CheckVisible(SimulatedMember receiver, NodeId node)
    {
        var other = _byId[node];
        Assert.True(other.SubCluster.IsCore || other.SubCluster == receiver.SubCluster, $"{other.SubCluster} is seen in {receiver.SubCluster}");
    }

    /// <summary>Whether a node reaches exactly those that are up, in its group, and for it to see.</summary>
    public bool IsConverged(SimulatedMember member)
    {
        var node = member.Node!;
        node.Graph.Compute(Now);
        var reached = 0;
        for (var slot = 1; slot < node.Graph.SlotCount; slot++)
        {
            if (!node.Graph[slot].Reachable) { continue; }
            var other = _byId[node.Graph[slot].Id];
            if (other.Node is null || other.Group != member.Group) { return false; }
            reached++;
        }
        var scopes = node.OwnScopes.ToHashSet();
        foreach (var other in Members)
        {
            if (other == member || other.Node is null || other.Group != member.Group) { continue; }
            if (other.SubCluster.IsCore || scopes.Contains(ScopeId.Of(other.SubCluster)))
            {
                var slot = node.Graph.SlotOf(other.Id);
                if (slot < 0 || !node.Graph[slot].Reachable) { return false; }
            }
        }
        return reached > 0 || Up.Count() == 1;
    }

    /// <summary>What a failing run should show: who misses whom, and what was refused.</summary>
    public string Explain()
    {
        var lines = new List<string>();
        foreach (var member in Up.Where(member => !IsConverged(member)).Take(5))
        {
            var graph = member.Node!.Graph;
            var scopes = member.Node.OwnScopes.ToHashSet();
            var missing = Up.Where(other => other != member && scopes.Contains(ScopeId.Of(other.SubCluster)) && (graph.SlotOf(other.Id) is var slot && (slot < 0 || !graph[slot].Reachable))).ToArray();
            var unknown = missing.Count(other => graph.SlotOf(other.Id) < 0);
            lines.Add($"{member.Index} ({member.SubCluster}: {string.Join(' ', scopes)}, hard {member.HardNat}): {member.Links.Count} links, {member.Links.Values.Count(l => l.Cut)} cut, misses {missing.Length} ({unknown} unknown)");
            foreach (var other in missing.Take(3))
            {
                lines.Add($"   {other.Index} {other.SubCluster}: {other.Links.Count} links, peers {other.Node!.Peers.Count}, reaches {Enumerable.Range(1, other.Node.Graph.SlotCount - 1).Count(s => other.Node.Graph[s].Reachable)}");
            }
        }
        foreach (var group in Up.SelectMany(member => member.Node!.Refusals).GroupBy(pair => pair.Key)) { lines.Add($"{group.Key}: {group.Sum(pair => pair.Value)}"); }
        return string.Join('\n', lines);
    }

    /// <summary>Share of the nodes that are up which are converged.</summary>
    public double Converged()
    {
        var (up, converged) = (0, 0);
        foreach (var member in Up)
        {
            up++;
            converged += IsConverged(member) ? 1 : 0;
        }
        return (double)converged / up;
    }

    /// <summary>Runs until a share of the nodes is converged; returns how long that took, or null where it did not within the limit.</summary>
    public TimeSpan? RunUntilConverged(double share, TimeSpan limit)
    {
        var start = Now;
        while (Converged() < share)
        {
            if (Now - start >= limit) { return null; }
            RunUntil(Now + TimeSpan.FromMilliseconds(250));
        }
        return Now - start;
    }

    /// <summary>All nodes hold the newest that each node within reach says.</summary>
    public void AssertOneGraph()
    {
        foreach (var member in Up)
        {
            foreach (var totals in member.Node!.Graph.Scopes)
            {
                var index = (byte)member.Node.Graph.ScopeIndexOf(totals.Scope);
                for (var slot = 1; slot < member.Node.Graph.SlotCount; slot++)
                {
                    if (!member.Node.Graph[slot].Reachable || member.Node.Graph.Find(slot, index) is not { } entry) { continue; }
                    var other = _byId[entry.Advertisement.Node].Node!;
                    var theirs = other.Graph.ScopeIndexOf(totals.Scope);
                    var said = theirs < 0 ? null : other.Graph.Find(0, (byte)theirs)?.Advertisement;
                    // What a former keeper said is forgotten later.
                    if (said is null && other.Self != member.Id && _byId[other.Self].SubCluster.IsCore && totals.Scope.IsSubCluster) { continue; }
                    Assert.Equal(said?.Sequence, entry.Advertisement.Sequence);
                }
            }
        }
    }

    /// <summary>Walks from node to node as routes say, over links that exist; returns how many it took.</summary>
    public int Walk(SimulatedMember from, SimulatedMember to)
    {
        var (here, aim) = (from, from);
        for (var hops = 0; hops <= 16; hops++)
        {
            if (here == to) { return hops; }
            if (here == aim)
            {
                Assert.True(here.Node!.TryRoute(to.Id, Now, out var whole, to.SubCluster), $"{here.Index} has no way to {to.Index}");
                aim = _byId[whole.Aim];
            }
            Assert.True(here.Node!.TryRoute(aim.Id, Now, out var route), $"{here.Index} has no way to {aim.Index}");
            var next = _byId[route.NextHop];
            Assert.False(here.Links[next.Index].Cut);
            here = next;
        }
        throw new InvalidOperationException($"The way from {from.Index} to {to.Index} does not end.");
    }
}
