using Coco.Cluster.Members;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>Members and policy as they are at one moment.</summary>
internal sealed class MemberSnapshot : ITopicMembers
{
    private readonly Dictionary<NodeId, MemberInfo> _members;
    private readonly HashSet<NodeId> _reachable;
    private readonly Policy _policy;
    private readonly bool _isRemoved;

    public MemberSnapshot(NodeView view)
    {
        _members = view.Members.ToDictionary(static member => member.Id);
        _reachable = [.. view.Members.Where(member => member.IsReachable && member.Id != view.Self).Select(static member => member.Id)];
        (_policy, _isRemoved) = (view.Policy, view.IsRemoved);
    }

    public IReadOnlyCollection<NodeId> Reachable => _reachable;

    public bool IsMember(NodeId node) => !_isRemoved && _members.ContainsKey(node);

    public bool IsReachable(NodeId node) => !_isRemoved && _reachable.Contains(node);

    public bool MayPublish(NodeId node, NodeId at, string topic) => May(PolicyKind.Publish, node, at, topic);

    public bool MaySubscribe(NodeId node, NodeId at, string topic) => May(PolicyKind.Subscribe, node, at, topic);

    private bool May(PolicyKind kind, NodeId node, NodeId at, string topic) =>
        !_isRemoved && _members.TryGetValue(node, out var from) && _members.TryGetValue(at, out var to)
        && _policy.Decide(new(kind, topic, PartyOf(from), PartyOf(to))).IsAllowed;

    private static PolicyParty PartyOf(MemberInfo member) => new(member.User, member.Role, member.App, member.Tags);
}
