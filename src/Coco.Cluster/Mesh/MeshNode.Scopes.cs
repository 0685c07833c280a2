using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <content>
/// Who sees what. A member of a sub-cluster takes part in its scope and listens to the core's; a core node takes part in the core's, in the
/// attachments', and in those of the sub-clusters it keeps, as if it were one of their members. A sub-cluster's keepers are the core nodes
/// of greatest rendezvous weight, so both sides know them without talk.
/// </content>
internal sealed partial class MeshNode
{
    private const byte CoreIndex = NetworkGraph.CoreIndex;

    // What a core node opens next.
    private const byte AttachmentsIndex = 1;

    private readonly List<OwnScope> _own = [];
    private readonly bool _isCore;
    private NodeTag[] _coreTags = [];
    private int[] _coreSlots = [];

    /// <summary>Scopes the node takes part in.</summary>
    public IEnumerable<ScopeId> OwnScopes => _own.Select(own => own.Scope);

    /// <summary>The core nodes that keep something of a key, by rendezvous weight in the core as it is known here.</summary>
    public NodeId[] KeepersOf(NodeTag key)
    {
        if (_coreTags.Length == 0) { FindCore(); }
        Span<int> top = stackalloc int[_options.Graph.Keepers];
        var keepers = new NodeId[Rendezvous.Top(key, _coreTags, top)];
        for (var i = 0; i < keepers.Length; i++) { keepers[i] = _graph[_coreSlots[top[i]]].Id; }
        return keepers;
    }

    private void OpenOwnScopes()
    {
        Open(ScopeId.Core, speaks: _isCore);
        if (_isCore) { Open(ScopeId.Attachments, speaks: true); } else { Open(HomeOf(Self), speaks: true); }
    }

    private ScopeId HomeOf(NodeId node) => _members.IsCore(node) ? ScopeId.Core : ScopeId.Of(_members.SubClusterOf(node));

    private OwnScope? Open(ScopeId scope, bool speaks)
    {
        var index = _graph.AddScope(scope);
        if (index < 0) { return null; }
        var own = new OwnScope(scope, (byte)index, speaks);
        _own.Add(own);
        return own;
    }

    private OwnScope? Own(ScopeId scope)
    {
        foreach (var own in _own)
        {
            if (own.Scope == scope) { return own; }
        }
        return null;
    }

    private OwnScope? Own(byte index)
    {
        foreach (var own in _own)
        {
            if (own.Index == index) { return own; }
        }
        return null;
    }

    private bool MaySee(NodeId node, ScopeId scope) =>
        scope.IsCore || _members.IsCore(node) || (scope.IsSubCluster && ScopeId.Of(_members.SubClusterOf(node)) == scope);

    // A node speaks in its own scope; core nodes also in those they keep. Who may hear the core is not thereby heard there.
    private bool MaySpeak(NodeId node, ScopeId scope) => _members.IsCore(node) || (!scope.IsCore && MaySee(node, scope));

    // A member of a sub-cluster connected: if we are to keep it, we take part in it from now on.
    private void OpenScopeOf(MeshPeer peer, TimeSpan now)
    {
        if (!_isCore || _members.IsCore(peer.Id)) { return; }
        var scope = HomeOf(peer.Id);
        if (!scope.IsSubCluster || Own(scope) is not null || !IsKeeper(0, scope)) { return; }
        if (_own.Count >= _options.MaxKept + 2 || Open(scope, speaks: true) is not { } own) { return; }
        AnnounceScopes(own, now);
    }

    private void AnnounceScopes(OwnScope changed, TimeSpan now)
    {
        foreach (var other in _peers.Values)
        {
            if (!MaySee(other.Id, changed.Scope)) { continue; }
            WriteHello(other);
            Share(other, now);
        }
        LinksChanged(AttachmentsIndex, now);
    }

    // What both take part in is reconciled from the moment both said so.
    private void Share(MeshPeer peer, TimeSpan now)
    {
        foreach (var own in _own)
        {
            var both = peer.Declared.Contains(own.Scope) && MaySee(peer.Id, own.Scope);
            if (both == peer.Shared.Contains(own.Index)) { continue; }
            if (both) { peer.Shared.Add(own.Index); } else { peer.Shared.Remove(own.Index); }
            if (both) { WriteRoot(peer, own); }
            LinksChanged(own.Index, now);
        }
    }

    private bool IsKeeper(int slot, ScopeId scope) => KeepersOf(scope).Contains(slot);

    private int[] KeepersOf(ScopeId scope)
    {
        Span<int> top = stackalloc int[_options.Graph.Keepers];
        var keepers = new int[Rendezvous.Top(scope.Tag(), _coreTags, top)];
        for (var i = 0; i < keepers.Length; i++) { keepers[i] = _coreSlots[top[i]]; }
        return keepers;
    }

    // The core as it is now; where none of it is within reach, as it was.
    private void FindCore()
    {
        var slots = new List<int>();
        foreach (var reachableOnly in (ReadOnlySpan<bool>)[true, false])
        {
            if (_isCore) { slots.Add(0); }
            for (var slot = 1; slot < _graph.SlotCount; slot++)
            {
                ref var node = ref _graph[slot];
                if ((node.Reachable || !reachableOnly) && _graph.Find(slot, CoreIndex) is { } entry && !entry.Advertisement.Has(AdvertisementFlags.Leaving))
                {
                    slots.Add(slot);
                }
            }
            if (slots.Count > 0) { break; }
        }
        _coreSlots = [.. slots];
        _coreTags = new NodeTag[_coreSlots.Length];
        for (var i = 0; i < _coreSlots.Length; i++) { _coreTags[i] = NodeTag.Of(_graph[_coreSlots[i]].Id); }
    }

    // Takes up sub-clusters that fell to us, and lets go of those that others keep for a while now, or that nobody is left of.
    private void ReviewKept(TimeSpan now)
    {
        if (!_isCore) { return; }
        foreach (var peer in _peers.Values) { OpenScopeOf(peer, now); }
        for (var i = _own.Count - 1; i >= 0; i--)
        {
            var own = _own[i];
            if (!own.Scope.IsSubCluster) { continue; }
            var surplus = !IsKeeper(0, own.Scope) || !HasMembers(own);
            if (surplus != own.SurplusSince is not null)
            {
                LinksChanged(AttachmentsIndex, now);
                // Others may have forgotten what a node said that was no keeper.
                if (!surplus) { own.PublishAt = now; }
            }
            own.SurplusSince = surplus ? own.SurplusSince ?? now : null;
            if (own.SurplusSince is null) { continue; }
            if (now - own.SurplusSince < _options.LinkGrace)
            {
                _thinkAt = Earlier(_thinkAt, own.SurplusSince + _options.LinkGrace);
                continue;
            }
            Close(own, now);
        }
    }

    private bool HasMembers(OwnScope own)
    {
        if (_graph.Scopes[own.Index].Members > 0) { return true; }
        foreach (var peer in _peers.Values)
        {
            if (HomeOf(peer.Id) == own.Scope) { return true; }
        }
        return false;
    }

    private void Close(OwnScope own, TimeSpan now)
    {
        PublishGone(own, now);
        _own.Remove(own);
        foreach (var peer in _peers.Values)
        {
            peer.Shared.Remove(own.Index);
            peer.News.RemoveAll(news => news.Scope == own.Index);
        }
        _asking.RemoveAll(asked => asked.Scope == own.Index);
        foreach (var key in _wants.Keys)
        {
            if (key.Scope == own.Index) { _wants.Remove(key); }
        }
        AnnounceScopes(own, now);
        _graph.RemoveScope(own.Index);
    }
}
