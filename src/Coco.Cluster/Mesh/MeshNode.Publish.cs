using System.Numerics;
using Coco.Cluster.Graph;

namespace Coco.Cluster.Mesh;

/// <content>What the node says of itself: gathered while links come and go, and never more often than others would listen.</content>
internal sealed partial class MeshNode
{
    // Times the publishing delay. Measured with 200 nodes that start at once: 1.2 advertisements a node until all are within reach, not 4.
    private const int PatienceWhileGrowing = 5;
    private const int PatienceForMore = 8;

    private ulong _sequence;
    private bool _hardNat;

    /// <summary>The sequence number of the next advertisement. One that was used must not be used again after a restart.</summary>
    public ulong NextSequence => _sequence;

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
        own.LastChangeAt = now;
        SchedulePublish(own, now);
    }

    // What others need to know to reach somebody is told soon. The rest waits until links are quiet, so that a node that joins, together
    // with many perhaps, says whom it met, and once its rings are drawn whom it keeps, and not each step between.
    private void SchedulePublish(OwnScope own, TimeSpan now)
    {
        if (own.ChangedAt is not { } changedAt) { return; }
        var soon = _options.PublishDelay + (Lateness(now) * 2);
        var at = changedAt + (soon * PatienceWhileGrowing);
        if (IsUrgent(own)) { at = Quiet(own.Published is null ? PublishDelay(now) : soon); }
        else if (!_isGrowing || !IsNeeded(own)) { at = Quiet(soon * PatienceForMore); }
        var allowed = own.Published is null ? now : own.PublishedAt + own.Interval;
        own.PublishAt = at > allowed ? at : allowed;

        TimeSpan Quiet(TimeSpan delay) => own.LastChangeAt + delay < changedAt + (delay * 3) ? own.LastChangeAt + delay : changedAt + (delay * 3);
    }

    private bool IsUrgent(OwnScope own)
    {
        if (own.Published is not { LinkCount: > 0 } published || own.Scope.IsAttachments || published.Flags != Flags) { return true; }
        for (var i = 0; i < published.LinkCount; i++)
        {
            var slot = _graph.SlotOf(published.LinkAt(i).Neighbour);
            if (slot < 0 || !_graph[slot].IsPeer) { return true; }
        }
        // While news of others come in by the dozen, a way to the neighbour may be among them.
        return !_isGrowing && IsNeeded(own);
    }

    // Whether there is a neighbour that others reach only over what we did not tell them yet.
    private bool IsNeeded(OwnScope own)
    {
        foreach (var peer in _peers.Values)
        {
            if (_graph[peer.Slot].IsOnlyOurs && SpeaksOf(peer, own) && own.Published?.TryFindLink(peer.Tag, out _) != true) { return true; }
        }
        return false;
    }

    private bool SpeaksOf(MeshPeer peer, OwnScope own) => peer.Shared.Contains(own.Index) && MaySpeak(peer.Id, own.Scope);

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
            if (SpeaksOf(peer, own)) { links.Add(new(peer.Tag, peer.Cost, peer.Flags)); }
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
