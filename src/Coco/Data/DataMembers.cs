using Coco.Cluster;
using Coco.Cluster.Members;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Data.Core;
using Coco.Hosting;

namespace Coco.Data;

/// <summary>Members and policy as they are at one moment.</summary>
internal sealed class DataMembers : IDataMembers
{
    private readonly NodeView _view;
    private readonly string _keeperTag;

    public DataMembers(NodeView view, string keeperTag) => (_view, _keeperTag) = (view, keeperTag);

    /// <summary>Whether it is these that the view shows.</summary>
    public bool AreOf(NodeView view) => ReferenceEquals(_view, view);

    public IEnumerable<NodeId> Reachable => _view.IsRemoved ? [] : _view.Members.Where(member => member.IsReachable && member.Id != _view.Self).Select(static member => member.Id);

    /// <summary>The user's nodes.</summary>
    public IEnumerable<MemberInfo> NodesOf(UserId user) => _view.Members.Where(member => member.User == user);

    /// <summary>Whether a node was removed from the network.</summary>
    public bool IsRevoked(NodeId node) => _view.Revoked.ContainsKey(node) && !_view.ById.ContainsKey(node);

    public bool IsReachable(NodeId node) => !_view.IsRemoved && _view.ById.TryGetValue(node, out var member) && member.IsReachable;

    public bool IsKeeper(NodeId node) => !_view.IsRemoved && _view.ById.TryGetValue(node, out var member) && member.Tags.Contains(_keeperTag);

    /// <summary>Whether it holds what it can read: the keepers of a user's collection cannot.</summary>
    public bool MayOpen(NodeId node, CollectionName collection) => collection.Scope is CollectionScope.User ? IsUsers(node, collection) : MayRead(node, collection);

    public bool MayWrite(NodeId node, CollectionName collection) =>
        collection.Scope is CollectionScope.User ? IsUsers(node, collection) : Allows(PolicyKind.Publish, node, collection);

    public bool MayRead(NodeId node, CollectionName collection) =>
        collection.Scope is CollectionScope.User ? IsUsers(node, collection) || IsKeeper(node) : Allows(PolicyKind.Subscribe, node, collection);

    public bool Keeps(CollectionName collection) => IsKeeper(_view.Self) && MayRead(_view.Self, collection);

    private bool IsUsers(NodeId node, CollectionName collection) =>
        !_view.IsRemoved && _view.ById.TryGetValue(node, out var member) && member.User == collection.User && member.App == collection.App;

    private bool Allows(PolicyKind kind, NodeId node, CollectionName collection) =>
        !_view.IsRemoved && _view.ById.TryGetValue(node, out var from) && _view.ById.TryGetValue(_view.Self, out var self)
        && _view.Policy.Decide(new(kind, collection.Resource, PartyOf(from), PartyOf(self))).IsAllowed;

    private static PolicyParty PartyOf(MemberInfo member) => new(member.User, member.Role, member.App, member.Tags);
}
