namespace Coco.Topics.Core;

/// <summary>Some filters, asked of many topics whether any of them is for one.</summary>
internal sealed class FilterMatcher
{
    // Chosen: of so few each is asked.
    private const int Few = 4;

    private readonly IReadOnlyCollection<string> _filters;
    private readonly FilterTree<int>? _tree;
    private readonly HashSet<int> _found = [];

    public FilterMatcher(IReadOnlyCollection<string> filters)
    {
        _filters = filters;
        if (filters.Count <= Few) { return; }
        _tree = new();
        foreach (var filter in filters) { _tree.Add(filter, 0); }
    }

    public bool Matches(string topic)
    {
        if (_tree is null) { return _filters.Any(filter => TopicFilter.Matches(filter, topic)); }
        _found.Clear();
        _tree.Collect(topic, _found);
        return _found.Count > 0;
    }
}
