using Coco.Hosting;

namespace Coco.Topics;

/// <content>What the policy lets this node do, for those who have to say so before anything is published.</content>
public sealed partial class NodeTopics
{
    // Chosen: names whose decision is remembered until the network changes; a decision costs as much as some messages do.
    private const int MaxDecided = 4096;

    private readonly Dictionary<(bool IsFilter, string Name), bool> _decided = [];
    private MemberSnapshot? _decider;
    private NodeView? _decidedIn;

    /// <summary>Whether anybody within reach, or this node's own app, may have what it publishes to a topic.</summary>
    internal bool MayPublish(string topic) => IsAllowed(isFilter: false, topic);

    /// <summary>Whether this node may have any of the topics of a filter.</summary>
    internal bool MaySubscribe(string filter) => IsAllowed(isFilter: true, filter);

    private bool IsAllowed(bool isFilter, string name)
    {
        var view = _loop.View;
        lock (_lock)
        {
            if (_decider is null || !ReferenceEquals(_decidedIn, view) || _decided.Count >= MaxDecided)
            {
                _decided.Clear();
                (_decider, _decidedIn) = (new(view), view);
            }
            if (_decided.TryGetValue((isFilter, name), out var isAllowed)) { return isAllowed; }
            return _decided[(isFilter, name)] = isFilter ? _decider.MaySubscribeSome(name) : _decider.MayPublishToSome(name);
        }
    }
}
