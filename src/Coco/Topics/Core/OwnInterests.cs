using System.Text;

namespace Coco.Topics.Core;

/// <summary>
/// What this node tells others of its app's filters: equal ones once, none that another covers, and no more than <see cref="TopicOptions.MaxFilters"/>, for which they are
/// widened (<see cref="FilterCover"/>) to three quarters of that, so that the next hundreds find room. Those with history are told as they are. Adding takes as
/// many steps as a filter has levels, or as many as filters are told where they must be widened; they are narrowed by all filters of the app, now and then.
/// </summary>
internal sealed class OwnInterests(TopicOptions options)
{
    private readonly Dictionary<string, List<LocalSubscription>> _wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Interest> _withHistory = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal); // filters that one could cover, counted
    private readonly HashSet<string> _again = new(StringComparer.Ordinal); // covered, but to be told once
    private FilterCover _cover = new(options.MaxTopicLength);
    private bool _isWidened;

    /// <summary>Different filters of the app.</summary>
    public int Count => _wanted.Count;

    /// <summary>Whether what is told may be wider than it need be.</summary>
    public bool MayNarrow { get; private set; }

    /// <summary>Whether one more filter may be subscribed to; otherwise why not.</summary>
    public bool HasRoomFor(string filter, SubscribeOptions wishes, out string reason)
    {
        reason = "";
        if (!_wanted.ContainsKey(filter) && _wanted.Count >= options.MaxSubscribed)
        {
            reason = $"This node subscribes to {options.MaxSubscribed} filters already. Use one with wildcards, or allow more in {nameof(TopicOptions)}.{nameof(TopicOptions.MaxSubscribed)}.";
            return false;
        }
        var needed = _withHistory.Count + (HistoryOf(filter, wishes).IsPlain || _withHistory.ContainsKey(filter) ? 0 : 1)
            + _groups.Count + (_groups.ContainsKey(GroupOf(filter)) ? 0 : 1);
        if (needed <= options.MaxFilters) { return true; }
        reason = $"This node tells others {options.MaxFilters} filters already, and none can be widened for {filter}: those with history, and those of different first levels that begin with a dollar sign, cannot. "
            + $"Use one with wildcards, or allow more in {nameof(TopicOptions)}.{nameof(TopicOptions.MaxFilters)}, for all nodes.";
        return false;
    }

    /// <summary>Adds a subscription. True where others are to be told.</summary>
    public bool Add(LocalSubscription subscription)
    {
        var filter = subscription.Filter;
        var isNew = !_wanted.TryGetValue(filter, out var same);
        if (isNew)
        {
            _wanted.Add(filter, same = []);
            _groups[GroupOf(filter)] = _groups.GetValueOrDefault(GroupOf(filter)) + 1;
        }
        same!.Add(subscription);
        var history = HistoryOf(filter, subscription.Options);
        if (!history.IsPlain) { return AddHistory(history, isNew); }
        if (!isNew) { return false; }
        if (_cover.TryAdd(filter))
        {
            MakeRoom(0);
            return true;
        }
        if (!subscription.Options.Retained) { return false; }
        // Who is told a new filter answers with the values there; of those here some may have made room, or may not have been for this node before.
        MakeRoom(1);
        if (Told + _again.Count < options.MaxFilters) { _again.Add(filter); }
        return true;
    }

    /// <summary>Removes a subscription. True where others are to be told.</summary>
    public bool Remove(LocalSubscription subscription)
    {
        var filter = subscription.Filter;
        if (!_wanted.TryGetValue(filter, out var same) || !same.Remove(subscription)) { return false; }
        if (same.Count > 0) { return !HistoryOf(filter, subscription.Options).IsPlain && RefreshHistory(filter, same); }
        _wanted.Remove(filter);
        _again.Remove(filter);
        Uncount(GroupOf(filter));
        if (_withHistory.Remove(filter)) { return true; }
        // Without wildcards it covers itself alone; nor was it widened.
        if (!filter.AsSpan().ContainsAny('+', '#'))
        {
            if (_cover.Remove(filter)) { return true; }
            MayNarrow |= _isWidened;
            return false;
        }
        MayNarrow = true;
        return false;
    }

    /// <summary>Makes what is told anew of all filters. True where it is something else then.</summary>
    public bool Narrow()
    {
        var before = _cover.Filters.ToHashSet(StringComparer.Ordinal);
        _cover = new(options.MaxTopicLength);
        foreach (var filter in FilterCover.WideFirst(_wanted.Keys.Where(filter => !_withHistory.ContainsKey(filter)))) { _cover.AddNext(filter); }
        (_isWidened, MayNarrow) = (false, false);
        MakeRoom(0);
        return !before.SetEquals(_cover.Filters);
    }

    /// <summary>What is to be told now.</summary>
    public Interest[] Take()
    {
        Interest[] all = [.. _withHistory.Values, .. _cover.Filters.Union(_again, StringComparer.Ordinal).Where(filter => !_withHistory.ContainsKey(filter)).Select(static filter => new Interest(filter, 0, 0))];
        _again.Clear();
        return all;
    }

    /// <summary>Whether messages of a topic come here, be it that nobody subscribes to it.</summary>
    public bool Covers(string topic) => _cover.Covers(topic) || _withHistory.Keys.Any(filter => TopicFilter.Matches(filter, topic));

    private int Told => _withHistory.Count + _cover.Count;

    private bool AddHistory(Interest history, bool isNew)
    {
        if (_withHistory.TryGetValue(history.Filter, out var known))
        {
            var longer = new Interest(history.Filter, Math.Max(known.HistoryCount, history.HistoryCount), Math.Max(known.HistorySeconds, history.HistorySeconds));
            _withHistory[history.Filter] = longer;
            return longer != known;
        }
        _withHistory.Add(history.Filter, history);
        MayNarrow |= !isNew; // it is told without history as well, up to then
        MakeRoom(0);
        return true;
    }

    private bool RefreshHistory(string filter, List<LocalSubscription> same)
    {
        var known = _withHistory[filter];
        var left = new Interest(filter, same.Max(one => HistoryOf(filter, one.Options).HistoryCount), same.Max(one => HistoryOf(filter, one.Options).HistorySeconds));
        if (left == known) { return false; }
        if (!left.IsPlain) { _withHistory[filter] = left; }
        else
        {
            _withHistory.Remove(filter);
            _cover.TryAdd(filter);
            MakeRoom(0);
        }
        return true;
    }

    private void MakeRoom(int more)
    {
        if (Told + _again.Count + more <= options.MaxFilters) { return; }
        _isWidened |= _cover.Widen(Math.Max(1, (options.MaxFilters - _withHistory.Count) * 3 / 4));
        // What is told once can be left out: whoever asks has then no more than the values that are here.
        while (_again.Count > 0 && Told + _again.Count > options.MaxFilters) { _again.Remove(_again.First()); }
    }

    private static Interest HistoryOf(string filter, SubscribeOptions wishes) => new(filter, (ulong)wishes.HistoryCount, (ulong)Math.Ceiling(wishes.HistoryTime.TotalSeconds));

    // Filters that one can cover: what does not begin with a dollar sign all together, the others by their first level, where "level/#" is not too long.
    private string GroupOf(string filter)
    {
        if (filter[0] != '$') { return "#"; }
        var end = filter.IndexOf('/');
        var first = end < 0 ? filter : filter[..end];
        return Encoding.UTF8.GetByteCount(first) + 2 <= options.MaxTopicLength ? first : filter;
    }

    private void Uncount(string group)
    {
        if (--_groups[group] == 0) { _groups.Remove(group); }
    }
}
