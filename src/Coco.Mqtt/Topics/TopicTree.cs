namespace Coco.Mqtt.Topics;

/// <summary>Values by topic, found by a filter.</summary>
internal sealed class TopicTree<T>
    where T : class
{
    private readonly Node _root = new();

    public int Count { get; private set; }

    public T? Find(string topic)
    {
        var node = _root;
        var rest = topic.AsSpan();
        for (var hasMore = true; hasMore && node is not null;) { node = node.Find(TopicLevels.Next(ref rest, out hasMore)); }
        return node?.Value;
    }

    public void Set(string topic, T value)
    {
        var node = _root;
        var rest = topic.AsSpan();
        for (var hasMore = true; hasMore;) { node = node.FindOrAdd(TopicLevels.Next(ref rest, out hasMore)); }
        if (node.Value is null) { Count++; }
        node.Value = value;
    }

    public void Remove(string topic) => Remove(_root, topic);

    /// <summary>Adds the values of all topics that match a filter.</summary>
    public void Match(ReadOnlySpan<char> filter, List<T> values) => Match(_root, filter, values, isFirst: true);

    private static void Match(Node node, ReadOnlySpan<char> rest, List<T> values, bool isFirst)
    {
        if (rest is "#") { AddBelow(node, values, isFirst); return; }
        var level = TopicLevels.Next(ref rest, out var hasMore);
        if (level is not "+") { MatchBelow(node.Find(level), rest, hasMore, values); return; }
        foreach (var (name, child) in node.Children)
        {
            if (!isFirst || name is not ['$', ..]) { MatchBelow(child, rest, hasMore, values); } // [MQTT-4.7.2-1]
        }
    }

    private static void MatchBelow(Node? node, ReadOnlySpan<char> rest, bool hasMore, List<T> values)
    {
        if (node is null) { return; }
        if (hasMore)
        {
            // 4.7.1.2: "sport/#" matches "sport", which AddBelow adds.
            Match(node, rest, values, isFirst: false);
            return;
        }
        if (node.Value is { } value) { values.Add(value); }
    }

    private static void AddBelow(Node node, List<T> values, bool isFirst)
    {
        if (node.Value is { } value) { values.Add(value); }
        foreach (var (name, child) in node.Children)
        {
            if (!isFirst || name is not ['$', ..]) { AddBelow(child, values, isFirst: false); }
        }
    }

    private bool Remove(Node node, ReadOnlySpan<char> rest)
    {
        var level = TopicLevels.Next(ref rest, out var hasMore);
        if (node.Find(level) is not { } child) { return false; }
        if (hasMore)
        {
            if (!Remove(child, rest)) { return false; }
        }
        else if (child.Value is not null)
        {
            child.Value = null;
            Count--;
        }
        if (!child.IsEmpty) { return false; }
        node.Remove(level);
        return node.IsEmpty;
    }

    private sealed class Node
    {
        private readonly Dictionary<string, Node> _children = new(StringComparer.Ordinal);

        public T? Value { get; set; }

        public IEnumerable<KeyValuePair<string, Node>> Children => _children;

        public bool IsEmpty => Value is null && _children.Count == 0;

        public Node? Find(ReadOnlySpan<char> name) => _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var node) ? node : null;

        public Node FindOrAdd(ReadOnlySpan<char> name)
        {
            if (Find(name) is { } found) { return found; }
            var node = new Node();
            _children.Add(name.ToString(), node);
            return node;
        }

        public void Remove(ReadOnlySpan<char> name) => _children.GetAlternateLookup<ReadOnlySpan<char>>().Remove(name);
    }
}
