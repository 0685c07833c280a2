namespace Coco.Topics.Core;

/// <content>What this node's app subscribes to, and what others are told of it. Each subscription gets what its own filter is for, whatever they are told.</content>
internal sealed partial class TopicExchange
{
    // Chosen: so few filters are told at once, and narrowed at once: it costs nothing.
    private const int FewFilters = 64;

    // Chosen: others get many filters again when all have the last ones, or after this.
    private static readonly TimeSpan TellTime = TimeSpan.FromMilliseconds(50);

    // Chosen: of many filters those that are left are looked through so often, at most. Whoever comes back within it changes nothing.
    private static readonly TimeSpan NarrowTime = TimeSpan.FromSeconds(1);

    private readonly FilterTree<LocalSubscription> _subscriptions = new();
    private readonly OwnInterests _wanted;
    private readonly List<(ulong Version, ITopicReceipt Receipt)> _unsettled = [];
    private InterestRecord? _own;
    private int _localVersion;
    private TimeSpan _toldAt;
    private TimeSpan _tellAt = TimeSpan.MaxValue;
    private TimeSpan _narrowAt = TimeSpan.MaxValue;

    /// <summary>Subscribes the app.</summary>
    public void Subscribe(LocalSubscription subscription, TimeSpan now, long wall)
    {
        Enter(now, wall);
        _subscriptions.Add(subscription.Filter, subscription);
        var isToTell = _wanted.Add(subscription) || _own is null or { IsLeaving: true };
        _localVersion++;
        Activate();
        if (subscription.Options.Retained) { DeliverValues(subscription); }
        if (isToTell) { TellSoon(); }
        NarrowSoon();
    }

    /// <summary>The filters that others were told last.</summary>
    public IEnumerable<string> Told => _own?.Interests.Select(static one => one.Filter) ?? [];

    /// <summary>Whether one more filter may be subscribed to; otherwise why not.</summary>
    public bool HasRoomFor(string filter, SubscribeOptions options, out string reason) => _wanted.HasRoomFor(filter, options, out reason);

    public void Unsubscribe(LocalSubscription subscription, TimeSpan now, long wall)
    {
        Enter(now, wall);
        var isToTell = _wanted.Remove(subscription);
        _subscriptions.Remove(subscription.Filter, subscription);
        _localVersion++;
        if (_own is { IsLeaving: true }) { return; }
        if (isToTell)
        {
            ForgetUnheard();
            TellSoon();
        }
        NarrowSoon();
    }

    /// <summary>Says goodbye: nothing more is for this node, and its will is void.</summary>
    public void Leave(TimeSpan now, long wall)
    {
        Enter(now, wall);
        if (_isActive) { TellOwn(isLeaving: true); }
    }

    /// <summary>Tells when those this node has links with know its interests, and it theirs.</summary>
    public void NotifySettled(ITopicReceipt receipt, TimeSpan now, long wall)
    {
        Enter(now, wall);
        Activate();
        var version = _tellAt == TimeSpan.MaxValue ? _own?.Version ?? 0 : NotTold;
        if (IsSettledAt(version)) { receipt.Complete(0, 0); }
        else { _unsettled.Add((version, receipt)); }
    }

    /// <summary>Whether this node knows the interests of all it has to do with.</summary>
    public bool IsSettled => IsSettledAt(0);

    // The version of what is told in a moment.
    private const ulong NotTold = ulong.MaxValue;

    // And they its own, up to a version.
    private bool IsSettledAt(ulong version) => SettledVersion() >= version;

    // Null where it does not know all of theirs.
    private ulong? SettledVersion()
    {
        var seen = ulong.MaxValue;
        foreach (var peer in _peers.Values)
        {
            if (!peer.IsNeighbour || peer.HasFailed || !_members.IsReachable(peer.Node)) { continue; }
            if (peer.Link is not { IsSynced: true } link) { return null; }
            seen = Math.Min(seen, link.SeenVersion);
        }
        return seen;
    }

    private void CheckSettled()
    {
        if (SettledVersion() is not { } settled) { return; }
        for (var i = _unsettled.Count - 1; i >= 0; i--)
        {
            var (version, receipt) = _unsettled[i];
            if (version > settled) { continue; }
            _unsettled.RemoveAt(i);
            receipt.Complete(0, 0);
        }
        if (_tellAt < TimeSpan.MaxValue && settled >= _own?.Version) { TellOwn(isLeaving: false); }
    }

    // While others have not got the last of many filters yet, there may be more to tell.
    private void TellSoon()
    {
        if (_own is null || _wanted.Count <= FewFilters || _now - _toldAt >= TellTime || IsSettledAt(_own.Version)) { TellOwn(isLeaving: false); }
        else { _tellAt = _toldAt + TellTime; }
    }

    private void NarrowSoon()
    {
        if (!_wanted.MayNarrow) { return; }
        if (_wanted.Count <= FewFilters) { Narrow(); }
        else if (_narrowAt == TimeSpan.MaxValue) { _narrowAt = _now + NarrowTime; }
    }

    private void Narrow()
    {
        _narrowAt = TimeSpan.MaxValue;
        if (_own is { IsLeaving: true } || !_wanted.MayNarrow || !_wanted.Narrow()) { return; }
        ForgetUnheard();
        TellSoon();
    }

    // The wider ones come with what is given up for them in one record, so that no message is missed or comes twice.
    private void TellOwn(bool isLeaving)
    {
        (_toldAt, _tellAt) = (_now, TimeSpan.MaxValue);
        _own = InterestRecord.Create(Self, NextTime(), isLeaving, isLeaving ? [] : _wanted.Take(), _seal);
        for (var i = 0; i < _unsettled.Count; i++)
        {
            if (_unsettled[i].Version == NotTold) { _unsettled[i] = (_own.Version, _unsettled[i].Receipt); }
        }
        var peer = PeerOf(Self);
        if (peer.Record is { } former) { _sum -= former.Part; }
        peer.Record = _own;
        _sum += _own.Part;
        Flood(_own, null);
    }
}
