namespace Coco.Topics.Core;

/// <summary>Filters of many, by level, so that finding those for a topic takes as many steps as it has levels, not as many as there are filters.</summary>
internal sealed class FilterTree<T>
    where T : notnull
{
    private readonly Level _root = new();

    /// <summary>Adds a filter of somebody's. A second time counts, and has to be removed twice.</summary>
    public void Add(string filter, T value)
    {
        var level = _root;
        foreach (var range in filter.AsSpan().Split('/')) { level = level.Into(filter.AsSpan(range)); }
        level.Values ??= [];
        level.Values[value] = level.Values.GetValueOrDefault(value) + 1;
    }

    /// <summary>Removes what was added once.</summary>
    public void Remove(string filter, T value) => Remove(_root, filter, value);

    /// <summary>Adds to <paramref name="found"/> whoever has a filter that matches.</summary>
    public void Collect(ReadOnlySpan<char> topic, HashSet<T> found) => Collect(_root, topic, found, mayBeWild: topic is not ['$', ..]);

    private static void Collect(Level level, ReadOnlySpan<char> topic, HashSet<T> found, bool mayBeWild = true)
    {
        if (mayBeWild && level.Rest is { Values: { } rest }) { found.UnionWith(rest.Keys); }
        var end = topic.IndexOf('/');
        var name = end < 0 ? topic : topic[..end];
        if (mayBeWild && level.Any is { } any) { Go(any, topic, end, found); }
        if (level.Find(name) is { } next) { Go(next, topic, end, found); }
    }

    private static void Go(Level level, ReadOnlySpan<char> topic, int end, HashSet<T> found)
    {
        if (end >= 0)
        {
            Collect(level, topic[(end + 1)..], found);
            return;
        }
        if (level.Values is { } values) { found.UnionWith(values.Keys); }
        if (level.Rest is { Values: { } rest }) { found.UnionWith(rest.Keys); } // the level above '#'
    }

    private static void Remove(Level level, ReadOnlySpan<char> filter, T value)
    {
        var end = filter.IndexOf('/');
        var name = end < 0 ? filter : filter[..end];
        if (level.FindFilter(name) is not { } next) { return; }
        if (end >= 0) { Remove(next, filter[(end + 1)..], value); }
        else if (next.Values?.GetValueOrDefault(value) is { } count and > 0)
        {
            if (count == 1) { next.Values.Remove(value); }
            else { next.Values[value] = count - 1; }
        }
        if (next.IsEmpty) { level.Forget(name); }
    }

    private sealed class Level
    {
        private Dictionary<string, Level>? _named;

        public Level? Any { get; private set; }

        public Level? Rest { get; private set; }

        public Dictionary<T, int>? Values { get; set; }

        public bool IsEmpty => _named is null or { Count: 0 } && Any is null && Rest is null && Values is null or { Count: 0 };

        public Level? Find(ReadOnlySpan<char> name) =>
            _named is not null && _named.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var level) ? level : null;

        public Level? FindFilter(ReadOnlySpan<char> name) => name switch { ['+'] => Any, ['#'] => Rest, _ => Find(name) };

        public Level Into(ReadOnlySpan<char> name)
        {
            if (name is ['+']) { return Any ??= new(); }
            if (name is ['#']) { return Rest ??= new(); }
            if (Find(name) is { } known) { return known; }
            var level = new Level();
            (_named ??= new(StringComparer.Ordinal)).Add(name.ToString(), level);
            return level;
        }

        public void Forget(ReadOnlySpan<char> name)
        {
            if (name is ['+']) { Any = null; }
            else if (name is ['#']) { Rest = null; }
            else { _named?.GetAlternateLookup<ReadOnlySpan<char>>().Remove(name); }
        }
    }
}
