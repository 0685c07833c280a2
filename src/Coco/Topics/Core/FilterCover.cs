using System.Text;

namespace Coco.Topics.Core;

/// <summary>
/// Filters of which none covers another, by level. They can be widened until there are few enough: of the levels with several filters below, the deepest first, and of
/// equally deep ones that with the most filters, get <c>#</c> instead of all below. So what is given up first is the end of long filters.
/// </summary>
/// <param name="maxLength">Bytes that a filter may have.</param>
internal sealed class FilterCover(int maxLength)
{
    private readonly Level _root = new(null, "", 0);

    public int Count => _root.Count;

    public IEnumerable<string> Filters => Below(_root).Where(static level => level.IsHere).Select(static level => level.Filter);

    /// <summary>Whether all topics of a filter, or a topic, are among those of one filter here.</summary>
    public bool Covers(ReadOnlySpan<char> filter) => Covers(_root, filter);

    /// <summary>Adds a filter and takes away those that it covers. False where it is covered.</summary>
    public bool TryAdd(string filter)
    {
        if (Covers(filter)) { return false; }
        Set(filter);
        return true;
    }

    /// <summary>The same for filters that come in the order of <see cref="WideFirst"/>, so that none covers those before it.</summary>
    public void AddNext(string filter)
    {
        if (!Covers(filter)) { Insert(filter); }
    }

    /// <summary>Removes a filter that is here as it is.</summary>
    public bool Remove(string filter)
    {
        var level = _root;
        foreach (var range in filter.AsSpan().Split('/'))
        {
            if (level.Find(filter.AsSpan(range)) is not { } next) { return false; }
            level = next;
        }
        if (!level.IsHere) { return false; }
        level.TakeAway();
        for (; level is { Count: 0, Above: { } above }; level = above) { above.Next.Remove(level.Name); }
        return true;
    }

    /// <summary>Widens filters until there are no more than so many, as far as that goes: topics with a dollar sign keep their first level. False where nothing changed.</summary>
    public bool Widen(int most)
    {
        var isWidened = false;
        if (Count <= most) { return isWidened; }
        foreach (var equallyDeep in Below(_root).Prepend(_root).GroupBy(static level => level.Depth).OrderByDescending(static levels => levels.Key).ToList())
        {
            // Deeper ones were widened meanwhile, which changes the counts of those above.
            var several = equallyDeep.Select(static level => (Level: level, Count: CountOf(level))).Where(static one => one.Count > 1)
                .Select(static one => (one.Level, one.Count, one.Level.Filter)).ToList();
            foreach (var (level, _, prefix) in several.OrderByDescending(static one => one.Count).ThenBy(static one => one.Filter, StringComparer.Ordinal))
            {
                if (Count <= most) { return isWidened; }
                var filter = level == _root ? "#" : prefix + "/#";
                if (CountOf(level) < 2 || Encoding.UTF8.GetByteCount(filter) > maxLength) { continue; }
                Set(filter);
                isWidened = true;
            }
        }
        return isWidened;
    }

    /// <summary>Filters in an order in which none is covered by a later one.</summary>
    public static IEnumerable<string> WideFirst(IEnumerable<string> filters) => filters
        .Select(static filter => (Filter: filter, IsOpen: filter is "#" || filter.EndsWith("/#", StringComparison.Ordinal), Levels: filter.AsSpan().Count('/') + 1))
        .OrderBy(static one => one.IsOpen ? one.Levels - 1 : one.Levels)
        .ThenByDescending(static one => one.IsOpen)
        .ThenByDescending(static one => one.Filter.AsSpan().Count('+'))
        .Select(static one => one.Filter);

    // §4.7.2: '#' is not for topics that begin with a dollar sign.
    private static int CountOf(Level level) => level.Above is null ? level.Count - level.Next.Values.Where(IsReserved).Sum(static next => next.Count) : level.Count;

    private static bool IsReserved(Level level) => level is { Depth: 1, Name: ['$', ..] };

    private static IEnumerable<Level> Below(Level top)
    {
        var open = new Stack<Level>(top.Next.Values);
        while (open.TryPop(out var level))
        {
            yield return level;
            foreach (var next in level.Next.Values) { open.Push(next); }
        }
    }

    private static bool Covers(Level level, ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('/');
        var name = end < 0 ? rest : rest[..end];
        var mayBeWild = level.Above is not null || name is not ['$', ..]; // §4.7.2
        if (mayBeWild && level.Find("#") is not null) { return true; }
        if (name is ['#']) { return false; }
        if (mayBeWild && level.Find("+") is { } any && Goes(any, rest, end)) { return true; }
        return name is not ['+'] && level.Find(name) is { } next && Goes(next, rest, end);

        // §4.7.1.2: "sport/#" is for "sport", too.
        static bool Goes(Level next, ReadOnlySpan<char> rest, int end) => end < 0 ? next.IsHere || next.Find("#") is not null : Covers(next, rest[(end + 1)..]);
    }

    private void Set(string filter)
    {
        TakeCovered(_root, filter);
        Insert(filter);
    }

    private void Insert(string filter)
    {
        var level = _root;
        foreach (var range in filter.AsSpan().Split('/')) { level = level.Into(filter.AsSpan(range)); }
        if (!level.IsHere) { level.Put(); }
    }

    private static void TakeCovered(Level level, ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('/');
        var name = end < 0 ? rest : rest[..end];
        if (name is ['#'])
        {
            if (level.IsHere) { level.TakeAway(); }
            foreach (var next in level.Next.Values.Where(static next => !IsReserved(next)).ToArray()) { next.Drop(); }
        }
        else if (name is ['+'])
        {
            foreach (var next in level.Next.Values.Where(static next => next.Name is not "#" && !IsReserved(next)).ToArray()) { Go(next, rest, end); }
        }
        else if (level.Find(name) is { } next) { Go(next, rest, end); }

        static void Go(Level next, ReadOnlySpan<char> rest, int end)
        {
            if (end >= 0) { TakeCovered(next, rest[(end + 1)..]); }
            else if (next.IsHere) { next.TakeAway(); }
            if (next.Count == 0) { next.Drop(); }
        }
    }

    private sealed class Level(Level? above, string name, int depth)
    {
        public Level? Above => above;

        public string Name => name;

        public int Depth => depth;

        public Dictionary<string, Level> Next { get; } = new(StringComparer.Ordinal);

        public bool IsHere { get; private set; }

        /// <summary>Filters here and below.</summary>
        public int Count { get; private set; }

        public string Filter => above is null or { Above: null } ? name : $"{above.Filter}/{name}";

        public Level? Find(ReadOnlySpan<char> next) => Next.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(next, out var level) ? level : null;

        public Level Into(ReadOnlySpan<char> next)
        {
            if (Find(next) is { } known) { return known; }
            var level = new Level(this, next.ToString(), depth + 1);
            Next.Add(level.Name, level);
            return level;
        }

        public void Put()
        {
            IsHere = true;
            Change(1);
        }

        public void TakeAway()
        {
            IsHere = false;
            Change(-1);
        }

        public void Drop()
        {
            above!.Change(-Count);
            above.Next.Remove(name);
        }

        private void Change(int by)
        {
            for (var level = this; level is not null; level = level.Above) { level.Count += by; }
        }
    }
}
