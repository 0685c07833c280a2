using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Certificates;

/// <summary>
/// The certificates of nodes one has met, and what those nodes are called. Two nodes of one name: the more senior issuer's keeps it, then
/// the smaller certificate's; the other is shown with a piece of its identity, as <c>name~xxxx</c>.
/// </summary>
/// <param name="maxNodes">Nodes kept; the least recently added make room.</param>
internal sealed class MemberDirectory(int maxNodes)
{
    private readonly Dictionary<NodeId, LinkedListNode<NodeCertificate>> _byNode = [];
    private readonly LinkedList<NodeCertificate> _byAge = [];

    /// <summary>Nodes whose certificates never make room: one's own, and whoever is connected.</summary>
    public Func<NodeId, bool> IsPinned { get; init; } = static _ => false;

    public int Count => _byNode.Count;

    public IEnumerable<NodeCertificate> All => _byAge;

    /// <summary>Keeps a certificate the state holds valid, unless a better one of the node is there: of a more senior issuer, then the later.</summary>
    public CertificateVerdict Add(NodeCertificate certificate, NetworkState state, ulong bestTime)
    {
        var verdict = state.Check(certificate, bestTime);
        if (verdict is not CertificateVerdict.Valid) { return verdict; }
        if (_byNode.TryGetValue(certificate.Node, out var known))
        {
            if (state.Check(known.Value, bestTime) is CertificateVerdict.Valid && !IsBetter(certificate, known.Value, state)) { return verdict; }
            Remove(known);
        }
        while (_byNode.Count >= maxNodes && _byAge.FirstOrDefault(old => !IsPinned(old.Node)) is { } oldest) { Remove(_byNode[oldest.Node]); }
        _byNode.Add(certificate.Node, _byAge.AddLast(certificate));
        return verdict;
    }

    /// <summary>Forgets the certificate of a node.</summary>
    public void Remove(NodeId node)
    {
        if (_byNode.TryGetValue(node, out var known)) { Remove(known); }
    }

    /// <summary>The certificate of a node that is a member now.</summary>
    public NodeCertificate? Find(NodeId node, NetworkState state, ulong bestTime) =>
        _byNode.TryGetValue(node, out var known) && state.Check(known.Value, bestTime) is CertificateVerdict.Valid ? known.Value : null;

    /// <summary>Members by the names they are shown with.</summary>
    public IReadOnlyDictionary<string, NodeCertificate> Names(NetworkState state, ulong bestTime)
    {
        var names = new SortedDictionary<string, NodeCertificate>(StringComparer.Ordinal);
        var members = _byAge.Where(certificate => state.Check(certificate, bestTime) is CertificateVerdict.Valid);
        foreach (var certificate in members.OrderBy(certificate => (state.PlaceOf(certificate) ?? default, certificate.Id)))
        {
            var name = state.NameOf(certificate);
            if (names.TryAdd(name, certificate)) { continue; }
            var text = certificate.Node.ToString();
            // Whoever is named like the loser of a conflict does not take its place: the identity is written out further.
            for (var length = 4; !names.TryAdd(name, certificate) && length <= text.Length; length += 4) { name = $"{state.NameOf(certificate)}~{text[..length]}"; }
        }
        return names;
    }

    private static bool IsBetter(NodeCertificate one, NodeCertificate other, NetworkState state)
    {
        var place = (state.PlaceOf(one) ?? default).CompareTo(state.PlaceOf(other) ?? default);
        if (place != 0) { return place < 0; }
        return one.Admission.Issued != other.Admission.Issued ? one.Admission.Issued > other.Admission.Issued : one.Id < other.Id;
    }

    private void Remove(LinkedListNode<NodeCertificate> known)
    {
        _byAge.Remove(known);
        _byNode.Remove(known.Value.Node);
    }
}
