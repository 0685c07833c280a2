using System.Numerics;
using Coco.Cluster.Graph;

namespace Coco.Cluster.Mesh;

/// <content>What the node says of itself: gathered while links come and go, and never more often than others would listen.</content>
internal sealed partial class MeshNode
{
    private ulong _sequence;
    private bool _hardNat;

    /// <summary>Whether the node is behind a NAT that maps each destination differently, as far as it knows.</summary>
    public void SetHardNat(bool hardNat, TimeSpan now)
    {
        if (_hardNat == hardNat) { return; }
        _hardNat = hardNat;
        foreach (var own in _own) { LinksChanged(own.Index, now); }
        ThinkSoon(now);
    }

    private AdvertisementFlags Flags
    {
        get
        {
            var flags = (AdvertisementFlags)((int)_options.Class << 4);
            if (_isCore) { flags |= AdvertisementFlags.Core; }
            if (_options.Forwards ?? _options.Class is not NodeClass.Portable) { flags |= AdvertisementFlags.Forwards; }
            if (_hardNat) { flags |= AdvertisementFlags.HardNat; }
            return _leaving ? flags | AdvertisementFlags.Leaving : flags;
        }
    }

    private void LinksChanged(byte scope, TimeSpan now)
    {
        if (Own(scope) is not { Speaks: true } own || _leaving) { return; }
        own.ChangedAt ??= now;
        // What others need to know to reach us is told soon; one more link to a node that has some can wait for the next.
        var delay = _options.PublishDelay * (IsUrgent(own) ? 1 : 2);
        var quiet = now + delay;
        var patient = own.ChangedAt.Value + (delay * 3);
        var allowed = own.Published is null ? now : own.PublishedAt + own.Interval;
        var at = quiet < patient ? quiet : patient;
        own.PublishAt = at > allowed ? at : allowed;
    }

    private bool IsUrgent(OwnScope own)
    {
        if (own.Published is not { LinkCount: > 1 } published || own.Scope.IsAttachments || published.Flags != Flags) { return true; }
        for (var i = 0; i < published.LinkCount; i++)
        {
            var slot = _graph.SlotOf(published.LinkAt(i).Neighbour);
            if (slot < 0 || !_graph[slot].IsPeer) { return true; }
        }
        return false;
    }

    private void Publish(OwnScope own, TimeSpan now)
    {
        var refresh = own.ChangedAt is null;
        (own.ChangedAt, own.PublishAt) = (null, TimeSpan.MaxValue);
        if (!own.Speaks) { return; }
        var links = _leaving ? [] : own.Scope.IsAttachments ? KeptLinks() : LinksIn(own);
        if (refresh || own.Published is not { } before || before.Flags != Flags || !SaysTheSame(before, links)) { Publish(own, links, Flags, now); }
        own.PublishAt = own.PublishAt == TimeSpan.MaxValue ? own.PublishedAt + (_options.RefreshInterval * _jitter) : own.PublishAt;
    }

    private void PublishGone(OwnScope own, TimeSpan now)
    {
        if (own.Published is not null) { Publish(own, [], Flags | AdvertisementFlags.Leaving, now); }
    }

    private void Publish(OwnScope own, AdvertisedLink[] links, AdvertisementFlags flags, TimeSpan now)
    {
        if (_sequence >= Advertisement.MaxSequence)
        {
            MeshLog.SequenceExhausted(_logger);
            return;
        }
        var lifetime = (uint)_options.Lifetime.TotalSeconds;
        var advertisement = Advertisement.Sign(_seal, Self, own.Scope, _sequence++, flags, lifetime, links);
        var again = own.Published is not null && now - own.PublishedAt < _options.PublishInterval * 4;
        (own.Published, own.PublishedAt, own.Interval) = (advertisement, now, again ? _options.PublishInterval * 2 : _options.PublishInterval);
        _pool.Add(advertisement);
        _graph.Put(0, own.Index, advertisement);
        // Neighbours need it at once; it is new to all of them, so there is nothing to ask first.
        foreach (var peer in _peers.Values)
        {
            if (peer.Shared.Contains(own.Index)) { WriteAdvertisements(peer, own, [advertisement], now); }
        }
        ThinkSoon(now);
    }

    private AdvertisedLink[] LinksIn(OwnScope own)
    {
        var links = new List<AdvertisedLink>();
        foreach (var peer in _peers.Values)
        {
            if (peer.Shared.Contains(own.Index) && MaySpeak(peer.Id, own.Scope)) { links.Add(new(peer.Tag, peer.Cost, peer.Flags)); }
        }
        // Beyond what fits, the near ones count.
        if (links.Count > Advertisement.MaxLinks)
        {
            links.Sort((one, other) => one.Cost.CompareTo(other.Cost));
            links.RemoveRange(Advertisement.MaxLinks, links.Count - Advertisement.MaxLinks);
        }
        links.Sort((one, other) => one.Neighbour.CompareTo(other.Neighbour));
        return [.. links];
    }

    // Which sub-clusters the node keeps, and roughly how many members each has.
    private AdvertisedLink[] KeptLinks()
    {
        var links = new List<AdvertisedLink>();
        foreach (var own in _own)
        {
            if (!own.Scope.IsSubCluster || own.SurplusSince is not null) { continue; }
            links.Add(new(own.Scope.Tag(), (ushort)(1 + BitOperations.Log2((uint)_graph.Scopes[own.Index].Count + 1)), LinkFlags.None));
        }
        links.Sort((one, other) => one.Neighbour.CompareTo(other.Neighbour));
        return [.. links];
    }

    private static bool SaysTheSame(Advertisement before, AdvertisedLink[] links)
    {
        if (before.LinkCount != links.Length) { return false; }
        for (var i = 0; i < links.Length; i++)
        {
            if (before.LinkAt(i) != links[i]) { return false; }
        }
        return true;
    }
}
