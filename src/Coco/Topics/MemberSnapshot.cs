using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>Members and policy as they are at one moment.</summary>
internal sealed class MemberSnapshot : ITopicMembers
{
    private readonly IReadOnlyDictionary<NodeId, MemberInfo> _members;
    private readonly HashSet<NodeId> _reachable;
    private readonly Policy _policy;
    private readonly bool _isRemoved;
    private readonly NodeId _self;

    public MemberSnapshot(NodeView view)
    {
        _members = view.ById;
        _reachable = [.. view.Members.Where(member => member.IsReachable && member.Id != view.Self).Select(static member => member.Id)];
        (_policy, _isRemoved, _self) = (view.Policy, view.IsRemoved, view.Self);
    }

    public IReadOnlyCollection<NodeId> Reachable => _reachable;

    public bool IsMember(NodeId node) => !_isRemoved && _members.ContainsKey(node);

    public bool IsReachable(NodeId node) => !_isRemoved && _reachable.Contains(node);

    public bool MayPublish(NodeId node, NodeId at, string topic) => May(PolicyKind.Publish, node, at, topic);

    public bool MaySubscribe(NodeId node, NodeId at, string topic) => May(PolicyKind.Subscribe, node, at, topic);

    /// <summary>Whether this node, or one within reach, takes what this node publishes to a topic.</summary>
    public bool MayPublishToSome(string topic) => _reachable.Prepend(_self).Any(at => MayPublish(_self, at, topic));

    /// <summary>Whether this node may have any topic of a filter, of itself or of one within reach: asked of a topic that the filter and a rule have in common.</summary>
    public bool MaySubscribeSome(string filter) => _policy.Rules
        .Where(static rule => rule.StartsWith("allow subscribe ", StringComparison.Ordinal))
        .Select(static rule => rule.Split(' ')[2])
        .Prepend(filter) // of the owner, who needs no rule
        .Select(pattern => TopicFilter.TryMeet(pattern, filter, out var topic) ? topic : null)
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)
        .Any(topic => _reachable.Prepend(_self).Any(at => MaySubscribe(_self, at, topic)));

    /// <summary>Who makes a new key when a member of a list is removed: its author, or while that is gone the owner's or admin's node of the
    /// smallest identity.</summary>
    public NodeId RotatorOf(NodeId author)
    {
        if (MayAuthor(author) && (_reachable.Contains(author) || author == _self)) { return author; }
        return _members.Keys.Where(node => (node == _self || _reachable.Contains(node)) && MayAuthor(node)).Order().FirstOrDefault();
    }

    private bool MayAuthor(NodeId node) => _members.TryGetValue(node, out var member) && member.Role is Role.Owner or Role.Admin;

    private bool May(PolicyKind kind, NodeId node, NodeId at, string topic) =>
        topic.StartsWith(NodeTopics.Reserved, StringComparison.Ordinal)
        ? !_isRemoved && (kind is PolicyKind.Subscribe ? _members.ContainsKey(node) : MayAuthor(node))
        : !_isRemoved && _members.TryGetValue(node, out var from) && _members.TryGetValue(at, out var to)
        && _policy.Decide(new(kind, topic, PartyOf(from), PartyOf(to))).IsAllowed;

    private static PolicyParty PartyOf(MemberInfo member) => new(member.User, member.Role, member.App, member.Tags);
}
