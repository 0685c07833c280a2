namespace Coco.Cluster.Graph;

/// <content>
/// Dijkstra's algorithm over the links of one scope. A link counts when both ends advertise it there, so nobody can draw ways to itself; it
/// costs what the dearer end says. Who does not forward is reached but not passed.
/// </content>
internal sealed partial class NetworkGraph
{
    /// <summary>Whether a node has two other links, confirmed by both ends, besides that to a neighbour. As of the last <see cref="Compute"/>.</summary>
    public bool IsLinkedWithout(int slot, int neighbour)
    {
        var links = 0;
        for (var entry = _nodes[slot].Entries; entry is not null; entry = entry.Next)
        {
            foreach (var to in entry.Links)
            {
                if (to is GraphEntry.Unknown || to == neighbour || Find(to, entry.Scope) is not { } other) { continue; }
                links += Array.IndexOf(other.Links, (ushort)slot) >= 0 ? 1 : 0;
            }
        }
        return links >= 2;
    }

    // First from the neighbours that others know of, to see which ones they could not reach but for us, and what we are about to say.
    private void SpreadFromHere(byte scope)
    {
        var said = Find(0, scope)?.Advertisement;
        SeedPeers(scope, said, wasSaid: true);
        Spread(scope);
        SeedPeers(scope, said, wasSaid: false);
        Spread(scope);
    }

    private void SeedPeers(byte scope, Advertisement? said, bool wasSaid)
    {
        for (var slot = 1; slot < _count; slot++)
        {
            ref var node = ref _nodes[slot];
            if (!node.IsPeer || Find(slot, scope) is null || said?.TryFindLink(NodeTag.Of(node.Id), out _) == true != wasSaid) { continue; }
            node.IsOnlyOurs |= !wasSaid && _scratch.Labels[slot].Cost == RouteLabel.None;
            Seed((ushort)slot, LabelOfPeer(slot));
        }
    }

    // A neighbour is a neighbour whether it says so or not. What it costs is what we advertise: never more than others reckon with, so that
    // each hop is nearer by everybody's reckoning.
    private RouteLabel LabelOfPeer(int slot)
    {
        var label = new RouteLabel { Cost = 1, FirstHop = (ushort)slot, Aim = (ushort)slot, Hops = 1 };
        for (var entry = _nodes[0].Entries; entry is not null; entry = entry.Next)
        {
            if (entry.Advertisement.TryFindLink(NodeTag.Of(_nodes[slot].Id), out var link)) { label.Cost = Math.Max(1u, link.Cost); }
        }
        return label;
    }

    private void Seed(ushort slot, in RouteLabel label)
    {
        if (label.Cost >= _scratch.Labels[slot].Cost) { return; }
        _scratch.Labels[slot] = label;
        _scratch.Queue.Enqueue(slot, label.Cost);
    }

    private void Spread(byte scope)
    {
        while (_scratch.Queue.TryDequeue(out var from, out var cost))
        {
            ref var label = ref _scratch.Labels[from];
            if (cost != label.Cost || label.Hops >= _options.MaxHops || Find(from, scope) is not { } entry) { continue; }
            if (entry.Advertisement.Has(AdvertisementFlags.Forwards)) { Follow(from, scope, entry); }
        }
    }

    private void Follow(ushort from, byte scope, GraphEntry entry)
    {
        var next = _scratch.Labels[from];
        var cost = next.Cost;
        next.Hops++;
        for (var i = 0; i < entry.Links.Length; i++)
        {
            var to = entry.Links[i];
            if (to is GraphEntry.Unknown or 0 || _scratch.Labels[to].Cost <= cost + 1) { continue; }
            if (Find(to, scope) is not { } other) { continue; }
            var back = Array.IndexOf(other.Links, from);
            if (back < 0) { continue; }
            next.Cost = cost + Math.Max(1u, Math.Max(entry.Advertisement.LinkAt(i).Cost, other.Advertisement.LinkAt(back).Cost));
            Seed(to, next);
        }
    }

    private void Resolve()
    {
        if (!_hasUnresolved && !_resolveAll) { return; }
        for (var slot = 0; slot < _count; slot++)
        {
            for (var entry = _nodes[slot].Entries; entry is not null; entry = entry.Next)
            {
                if ((entry.Unresolved || _resolveAll) && !entry.Advertisement.Scope.IsAttachments) { Resolve(entry); }
            }
        }
        (_hasUnresolved, _resolveAll) = (false, false);
    }

    private void Resolve(GraphEntry entry)
    {
        var links = entry.Links.Length == entry.Advertisement.LinkCount ? entry.Links : new ushort[entry.Advertisement.LinkCount];
        entry.Unresolved = false;
        for (var i = 0; i < links.Length; i++)
        {
            var slot = SlotOf(entry.Advertisement.LinkAt(i).Neighbour);
            links[i] = slot < 0 ? GraphEntry.Unknown : (ushort)slot;
            entry.Unresolved |= slot < 0;
        }
        entry.Links = links;
    }
}
