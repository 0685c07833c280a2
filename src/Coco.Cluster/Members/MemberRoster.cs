using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>
/// Who is a member now, as far as this node holds certificates: found anew when the network's state or the time makes a difference, so that
/// the mesh can ask as often as it likes.
/// </summary>
internal sealed class MemberRoster : IMembers, ICertificateExchange
{
    private readonly MembershipLog _log;
    private readonly Func<ulong> _bestTime;
    private readonly MemberDirectory _directory;
    private readonly int _maxNodes;
    private readonly Queue<(NodeCertificate Certificate, bool IsRenewed)> _added = new();
    private readonly Queue<NodeId> _forgotten = new();
    private readonly Queue<NodeId> _removed = new();
    private Dictionary<NodeId, (NodeCertificate Certificate, SubClusterId SubCluster)> _members = [];

    public MemberRoster(NodeCertificate own, MembershipLog log, Func<ulong> bestTime, int maxNodes, Func<NodeId, bool> isConnected)
    {
        (Own, _log, _bestTime, _maxNodes) = (own, log, bestTime, maxNodes);
        _directory = new(maxNodes) { IsPinned = node => node == own.Node || isConnected(node) };
    }

    /// <summary>This node's own.</summary>
    public NodeCertificate Own { get; private set; }

    /// <summary>When the next certificate expires, in seconds since 1970 UTC; 0 for never.</summary>
    public ulong NextExpiry { get; private set; }

    /// <summary>Grows whenever somebody is a member, or another member, than before.</summary>
    public long Version { get; private set; }

    public int Count => _members.Count;

    public IEnumerable<NodeCertificate> Certificates => _members.Values.Select(static member => member.Certificate);

    /// <summary>Whether the own certificate still makes this node a member.</summary>
    public bool IsSelfMember { get; private set; }

    public bool IsMember(NodeId node) => _members.ContainsKey(node);

    public SubClusterId SubClusterOf(NodeId node) => _members.TryGetValue(node, out var member) ? member.SubCluster : default;

    public bool IsCore(NodeId node) => _members.TryGetValue(node, out var member) && member.SubCluster.IsCore;

    public NodeCertificate? Find(NodeId node) => _members.TryGetValue(node, out var member) ? member.Certificate : null;

    public bool TryFind(NodeId node, out ReadOnlyMemory<byte> certificate)
    {
        certificate = _members.TryGetValue(node, out var member) ? member.Certificate.Encoded : default;
        return !certificate.IsEmpty;
    }

    public CertificateVerdict Add(ReadOnlySpan<byte> certificate, out NodeId node)
    {
        node = default;
        if (NodeCertificate.Read(certificate) is not { } read) { return CertificateVerdict.Unreadable; }
        node = read.Node;
        // One of another network says nothing of what is visible in this one.
        return read.Network != _log.Network || Sees(read) ? Add(read) : CertificateVerdict.OutOfSight;
    }

    public CertificateVerdict Add(NodeCertificate certificate)
    {
        var (state, time) = (_log.State, _bestTime());
        if (_members.TryGetValue(certificate.Node, out var known) && known.Certificate.Id == certificate.Id) { return CertificateVerdict.Valid; }
        var isNew = _directory.Find(certificate.Node, state, time) is null;
        if (isNew && _directory.Count >= _maxNodes) { Forget(); }
        var verdict = _directory.Add(certificate, state, time);
        if (verdict is not CertificateVerdict.Valid || _directory.Find(certificate.Node, state, time)?.Id != certificate.Id) { return verdict; }
        if (certificate.Node == Own.Node) { Own = certificate; }
        _added.Enqueue((certificate, _members.ContainsKey(certificate.Node)));
        Enter(certificate, state);
        Version++;
        return verdict;
    }

    /// <summary>Looks at all certificates again; returns the nodes that are in another sub-cluster than before, or members no more.</summary>
    public IReadOnlyList<NodeId> Refresh()
    {
        var (state, time, before) = (_log.State, _bestTime(), _members);
        _members = new(before.Count);
        NextExpiry = 0;
        // Who let this node in may not have been known before.
        if (_directory.Find(Own.Node, state, time) is null) { _directory.Add(Own, state, time); }
        foreach (var certificate in _directory.All.ToArray())
        {
            switch (state.Check(certificate, time))
            {
                case CertificateVerdict.Valid:
                    Enter(certificate, state);
                    break;
                // Whoever is let in again after all shows it again.
                case CertificateVerdict.NodeRevoked or CertificateVerdict.UserRevoked when certificate.Node != Own.Node:
                    _directory.Remove(certificate.Node);
                    _removed.Enqueue(certificate.Node);
                    break;
            }
        }
        IsSelfMember = _members.ContainsKey(Own.Node);
        // What becomes of this node's connections is for those who removed it; its own mesh goes on knowing where it belonged.
        if (!IsSelfMember) { Enter(Own, state); }
        Version++;
        return [.. before.Where(member => SubClusterOf(member.Key) != member.Value.SubCluster).Select(static member => member.Key)];
    }

    public IReadOnlyDictionary<string, NodeCertificate> Names() => _directory.Names(_log.State, _bestTime());

    /// <summary>Takes the next certificate that is to be kept, and whether the node was a member by another one before.</summary>
    public bool TryTakeAdded(out (NodeCertificate Certificate, bool IsRenewed) added) => _added.TryDequeue(out added);

    /// <summary>Takes the next node whose certificate made room.</summary>
    public bool TryTakeForgotten(out NodeId node) => _forgotten.TryDequeue(out node);

    /// <summary>Takes the next node that was removed from the network.</summary>
    public bool TryTakeRemoved(out NodeId node) => _removed.TryDequeue(out node);

    private bool Sees(NodeCertificate certificate)
    {
        var (state, home) = (_log.State, SubClusterOf(Own.Node));
        var other = state.SubClusterOf(certificate);
        return state.Profile is NetworkProfile.Open || home.IsCore || other.IsCore || other == home;
    }

    private void Enter(NodeCertificate certificate, NetworkState state)
    {
        _members[certificate.Node] = (certificate, state.SubClusterOf(certificate));
        var expires = certificate.Admission.Expires;
        if (expires != 0 && (NextExpiry == 0 || expires < NextExpiry)) { NextExpiry = expires; }
    }

    private void Forget()
    {
        foreach (var certificate in _directory.All)
        {
            if (_directory.IsPinned(certificate.Node)) { continue; }
            _members.Remove(certificate.Node);
            _forgotten.Enqueue(certificate.Node);
            return;
        }
    }
}
