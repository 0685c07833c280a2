namespace Coco.Mqtt.Topics;

/// <summary>Values by filter, found by a topic's name: a tree with a level of the filter on each level.</summary>
internal sealed class FilterTree<T>
    where T : class
{
    private readonly Node _root = new();

    /// <summary>The value of a filter, or null. The filter is one that <see cref="TopicFilter.TryParse"/> took.</summary>
    public T? Find(string filter)
    {
        var node = _root;
        var rest = filter.AsSpan();
        for (var hasMore = true; hasMore && node is not null;) { node = node.Find(TopicLevels.Next(ref rest, out hasMore)); }
        return node?.Value;
    }

    public void Set(string filter, T value)
    {
        var node = _root;
        var rest = filter.AsSpan();
        for (var hasMore = true; hasMore;) { node = node.FindOrAdd(TopicLevels.Next(ref rest, out hasMore)); }
        node.Value = value;
    }

    public void Remove(string filter) => Remove(_root, filter);

    /// <summary>Adds the values of all filters that a topic matches.</summary>
    public void Match(ReadOnlySpan<char> topic, List<T> values) => Match(_root, topic, values, isFirst: topic is ['$', ..]);

    // True where the node has nothing left.
    private static bool Remove(Node node, ReadOnlySpan<char> rest)
    {
        var level = TopicLevels.Next(ref rest, out var hasMore);
        if (node.Find(level) is not { } child) { return false; }
        if (!hasMore) { child.Value = null; }
        else if (!Remove(child, rest)) { return false; }
        if (!child.IsEmpty) { return false; }
        node.Remove(level);
        return node.IsEmpty;
    }

    // isFirst: at the first level of a topic that begins with "$", which wildcards do not match ([MQTT-4.7.2-1]).
    private static void Match(Node node, ReadOnlySpan<char> rest, List<T> values, bool isFirst)
    {
        if (!isFirst && node.AllBelow?.Value is { } below) { values.Add(below); }
        var level = TopicLevels.Next(ref rest, out var hasMore);
        MatchBelow(node.FindName(level), rest, hasMore, values);
        if (!isFirst) { MatchBelow(node.AnyName, rest, hasMore, values); }
    }

    private static void MatchBelow(Node? node, ReadOnlySpan<char> rest, bool hasMore, List<T> values)
    {
        if (node is null) { return; }
        if (hasMore) { Match(node, rest, values, isFirst: false); return; }
        if (node.Value is { } value) { values.Add(value); }
        if (node.AllBelow?.Value is { } below) { values.Add(below); }
    }

    private sealed class Node
    {
        private Dictionary<string, Node>? _names;

        public T? Value { get; set; }

        public Node? AnyName { get; private set; }

        public Node? AllBelow { get; private set; }

        public bool IsEmpty => Value is null && AnyName is null && AllBelow is null && _names is null or { Count: 0 };

        public Node? FindName(ReadOnlySpan<char> name) =>
            _names is not null && _names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var node) ? node : null;

        public Node? Find(ReadOnlySpan<char> level) => level switch { "+" => AnyName, "#" => AllBelow, _ => FindName(level) };

        public Node FindOrAdd(ReadOnlySpan<char> level)
        {
            if (Find(level) is { } found) { return found; }
            var node = new Node();
            switch (level)
            {
                case "+": AnyName = node; break;
                case "#": AllBelow = node; break;
                default: (_names ??= new(StringComparer.Ordinal)).Add(level.ToString(), node); break;
            }
            return node;
        }

        public void Remove(ReadOnlySpan<char> level)
        {
            switch (level)
            {
                case "+": AnyName = null; break;
                case "#": AllBelow = null; break;
                default: _names?.GetAlternateLookup<ReadOnlySpan<char>>().Remove(level); break;
            }
        }
    }
}
