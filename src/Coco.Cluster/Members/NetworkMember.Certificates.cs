using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Members;

/// <content>
/// Who belongs. A certificate counts by our own statements. Where they do not say who signed it, the peer's do: if they lead from an office
/// that is open here to the signature, statements are exchanged until ours say the same.
/// </content>
internal sealed partial class NetworkMember
{
    private const int MaxProof = 64;
    private const int MaxFormer = 256; // chosen: of what a peer takes in a second

    private readonly HashSet<NodeId> _renewed = [];
    private readonly Dictionary<StatementId, Statement> _offices = [];
    private IReadOnlyList<MemberInfo>? _members;
    private MemberInfo[] _described = [];
    private long _describedAt = -1; // the roster's version
    private TimeSpan? _expiryAt;
    private bool _isRemoved;

    /// <summary>The members this node knows, itself included, by the names they are shown with.</summary>
    public IReadOnlyList<MemberInfo> Members => _members ??= Describe();

    /// <summary>The certificates of the members this node knows, its own included.</summary>
    public IEnumerable<NodeCertificate> Certificates => _roster.Certificates;

    /// <summary>The node that is shown with this name.</summary>
    public bool TryFind(string name, out NodeId node)
    {
        foreach (var member in Members)
        {
            if (!string.Equals(member.Name, name, StringComparison.Ordinal)) { continue; }
            node = member.Id;
            return true;
        }
        node = default;
        return false;
    }

    /// <summary>Whether a node is a member, as far as this one holds certificates.</summary>
    public bool IsMember(NodeId node) => _roster.IsMember(node);

    /// <summary>Whether two members see each other: they are in one part of the network, one of them is in the core, or the network is open.</summary>
    public bool SeeEachOther(NodeId one, NodeId other)
    {
        return ShareGraph(one, other) || (State.Profile is NetworkProfile.Open && _roster.IsMember(one) && _roster.IsMember(other));
    }

    // Who is told of without having been asked for: the same in open networks, which share no more than private ones.
    private bool ShareGraph(NodeId one, NodeId other)
    {
        if (!_roster.IsMember(one) || !_roster.IsMember(other)) { return false; }
        return _roster.IsCore(one) || _roster.IsCore(other) || _roster.SubClusterOf(one) == _roster.SubClusterOf(other);
    }

    /// <summary>Whether this node passes on datagrams of others.</summary>
    public bool Forwards => (_options.Mesh.Forwards ?? _options.Mesh.Class is not Graph.NodeClass.Portable) && !_isRemoved;

    /// <summary>Whether datagrams are passed on: we do such things, and the two see each other, as far as we see both.</summary>
    public bool MayForward(NodeId from, NodeId target)
    {
        if (!Forwards) { return false; }
        // On the way between sub-clusters core nodes pass on to members of whom they hold no certificate.
        return SeeEachOther(from, target) || (_roster.IsCore(from) && !_roster.IsMember(target) && !State.IsRevokedByOwner(target));
    }

    /// <summary>The neighbour to hand a datagram for a node to; <paramref name="aim"/> is where the hop before routed to, if it said.</summary>
    public bool TryRoute(NodeId target, NodeId aim, TimeSpan now, out MeshRoute route)
    {
        if (Mesh.TryRoute(target, now, out route)) { return true; }
        return !aim.IsDefault && aim != target && aim != Self && Mesh.TryRoute(aim, now, out route);
    }

    // Who is within reach changes often; what they are called, for which all certificates have to be compared, seldom.
    private MemberInfo[] Describe()
    {
        if (_describedAt != _roster.Version)
        {
            (_described, _describedAt) = ([.. _roster.Names().Select(named => Describe(named.Key, named.Value))], _roster.Version);
        }
        foreach (ref var member in _described.AsSpan())
        {
            var slot = Mesh.Graph.SlotOf(member.Id);
            var isReachable = slot >= 0 && Mesh.Graph[slot].Reachable;
            var hops = isReachable ? Mesh.Graph[slot].Way.Hops : 0;
            if (member.IsReachable != isReachable || member.Hops != hops) { member = member with { IsReachable = isReachable, Hops = hops }; }
        }
        return [.. _described];
    }

    private MemberInfo Describe(string name, NodeCertificate certificate) => new()
    {
        Id = certificate.Node, Name = name, User = State.SuccessorOf(certificate.User), Role = RoleOf(certificate), App = certificate.Admission.App,
        SubCluster = State.SubClusterOf(certificate), Class = certificate.Admission.Class, Tags = certificate.Admission.Tags,
    };

    private void SendCertificate(NodeId to, NodeCertificate certificate)
    {
        var body = new byte[VarInt.MaxLength + NodeCertificate.MaxLength];
        var writer = new SpanWriter(body);
        writer.WriteLengthBytes(certificate.Encoded.Span);
        SendFrame(to, MeshFrameType.Certificates, writer.Written);
    }

    // A certificate that takes another's place is asked for by nobody, as all hold the other: whoever learns of it tells the next, after the statement that lets its issuer sign.
    private void TellRenewed()
    {
        if (_renewed.Count == 0 || _sync.HasUnstored) { return; }
        foreach (var node in _renewed)
        {
            if (_roster.Find(node) is not { } certificate) { continue; }
            foreach (var peer in _peers.Values)
            {
                if (peer.IsInMesh && peer.Id != node && ShareGraph(peer.Id, node)) { SendCertificate(peer.Id, certificate); }
            }
        }
        _renewed.Clear();
    }

    // Nodes of a former owner may be a new one's, by certificates that whoever was away when they were told of has missed.
    private void AskFormerOwners(MemberPeer peer)
    {
        var (epochs, owner) = (State.Facts.Epochs, State.Owner);
        if (epochs.Count < 2 || !peer.IsInMesh) { return; }
        var former = epochs.Select(static epoch => epoch.Owner).Where(one => one != owner).ToHashSet();
        var nodes = _roster.Certificates.Where(one => one.Node != Self && former.Contains(one.User)).Take(MaxFormer).Select(static one => one.Node).ToArray();
        if (nodes.Length == 0) { return; }
        var body = new byte[nodes.Length * NodeId.Size];
        for (var i = 0; i < nodes.Length; i++) { nodes[i].CopyTo(body.AsSpan(i * NodeId.Size)); }
        SendFrame(peer.Id, MeshFrameType.CertificatesWanted, body);
    }

    private void SendProof(NodeId to)
    {
        SendCertificate(to, Certificate);
        var links = LinksFrom(Certificate.Authority);
        var proof = new byte[1 + links.Sum(static link => VarInt.MaxLength + link.Encoded.Length)];
        var writer = new SpanWriter(proof);
        writer.WriteByte(StatementSync.ProofKind);
        foreach (var link in links)
        {
            if (writer.Position + VarInt.MaxLength + link.Encoded.Length <= MeshNode.MaxFrame) { writer.WriteLengthBytes(link.Encoded.Span); }
        }
        SendFrame(to, MeshFrameType.Statements, writer.Written);
    }

    // The statements that lead from an office to the root, which is last.
    private List<Statement> LinksFrom(StatementId authority)
    {
        var links = new List<Statement>();
        while (links.Count < MaxProof && (_log.Find(authority) ?? _offices.GetValueOrDefault(authority)) is { } link)
        {
            if (_sync.IsUnstored(link.Id)) { break; }
            links.Add(link);
            authority = link.Authority;
        }
        return links;
    }

    private bool TakeOwnCertificate(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarIntBytes(out var bytes) || NodeCertificate.Read(bytes) is not { } certificate) { return false; }
        if (certificate.Node != peer.Id || certificate.Network != Network)
        {
            MemberLog.NotProven(_logger, peer.Id, certificate.Network != Network ? "its certificate is of another network" : "its certificate is another node's");
            return false;
        }
        peer.Certificate = certificate;
        Judge(peer);
        return true;
    }

    private bool TakeProof(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (peer.Certificate is not { } certificate || peer.State is not MemberPeerState.Unproven) { return true; }
        var reader = new SpanReader(body);
        var links = new Dictionary<StatementId, Statement>();
        while (!reader.IsEmpty)
        {
            if (links.Count == MaxProof || !reader.TryReadVarIntBytes(out var signed)) { return false; }
            if (Statement.Read(signed, Network, out _) is not { } link) { return false; }
            links.TryAdd(link.Id, link);
        }
        if (!Leads(links, certificate))
        {
            MemberLog.NotProven(_logger, peer.Id, "nothing leads to its certificate");
            return true;
        }
        peer.State = MemberPeerState.Proven;
        _sync.HandlePeerUp(peer.Id, _now);
        foreach (var link in links.Values.Reverse()) { _sync.Add(peer.Id, link); }
        return true;
    }

    // From the certificate up, to the first office that is known here. What is known here and not open, no proof can open.
    private bool Leads(Dictionary<StatementId, Statement> links, NodeCertificate certificate)
    {
        var (key, id) = (certificate.Issuer, certificate.Authority);
        for (var steps = 0; steps < MaxProof && !IsOpen(id, key); steps++)
        {
            if (_log.Find(id) is not null || !links.TryGetValue(id, out var link) || !Gives(link, key)) { return false; }
            (key, id) = (link.Issuer, link.Authority);
        }
        return IsOpen(id, key);
    }

    private bool IsOpen(StatementId id, NodeId key)
    {
        var state = State;
        if (id == state.OwnerAuthority && state.Owner?.Key == key) { return true; }
        if (id == state.Recovery.By && key == state.Recovery.Key && !key.IsDefault) { return true; }
        return state.Admins.Any(tenure => tenure.Id == id && tenure.Key == key);
    }

    private static bool Gives(Statement link, NodeId key)
    {
        if (link.Body is StatementBody.Delegate made) { return made.Key == key; }
        return link.IsAgreed && Office.GivenBy(new(link, 0)).Any(office => office.Key == key);
    }

    private void Judge(MemberPeer peer)
    {
        if (peer.Certificate is not { } certificate || peer.State is not (MemberPeerState.Unproven or MemberPeerState.Proven)) { return; }
        switch (_roster.Add(certificate))
        {
            case CertificateVerdict.Valid:
                Verify(peer);
                break;
            case CertificateVerdict.UserRevoked or CertificateVerdict.NodeRevoked or CertificateVerdict.OfficeClosed:
                MemberLog.NotProven(_logger, peer.Id, $"certificate {_log.State.Check(certificate, _time.At(_now).UnixSeconds)}");
                Remove(peer);
                break;
            case CertificateVerdict.NoOffice:
                break; // more statements may change that
            case var verdict:
                MemberLog.NotProven(_logger, peer.Id, $"certificate {verdict}");
                Dismiss(peer, MemberDisconnect.NotMember);
                break;
        }
    }

    // It is told why, unless that may not be said yet.
    private void Remove(MemberPeer peer)
    {
        if (_removed.Contains(peer) || peer.State is MemberPeerState.Dismissed) { return; }
        _removed.Add(peer);
        if (!_sync.Knows(peer.Id)) { SendRevocation(peer); }
    }

    private void SendRevocation(MemberPeer peer)
    {
        var user = peer.Certificate?.User.Key ?? default;
        foreach (var statement in _log.CollectMissing([], [], int.MaxValue))
        {
            if (statement.Body is not StatementBody.Revoke { Kind: RevokeKind.User or RevokeKind.Node } revoke || _sync.IsUnstored(statement.Id)) { continue; }
            if (revoke.SubjectKey != peer.Id && (user.IsDefault || revoke.SubjectKey != user)) { continue; }
            var body = new byte[2 + VarInt.MaxLength + statement.Encoded.Length];
            var writer = new SpanWriter(body);
            writer.WriteByte(0);
            writer.WriteByte(0);
            writer.WriteLengthBytes(statement.Encoded.Span);
            SendFrame(peer.Id, MeshFrameType.Statements, writer.Written);
        }
    }

    // Certificates hold or not by another state, or another time, than before.
    private void MembersChanged()
    {
        _expiryAt = null;
        var moved = _roster.Refresh();
        _members = null;
        if (!_roster.IsSelfMember && !_isRemoved && !IsWaitingForOffice()) { RemoveSelf(); }
        if (moved.Contains(Self) && !_isRemoved) { MoveSelf(); }
        foreach (var peer in _peers.Values.ToArray())
        {
            if (peer.State is MemberPeerState.Verified && !_roster.IsMember(peer.Id)) { Remove(peer); }
            else if (peer.State is MemberPeerState.Verified && moved.Contains(peer.Id) && peer.IsInMesh)
            {
                Mesh.HandlePeerDown(peer.Id, _now);
                EnterMesh(peer);
            }
            else { Judge(peer); }
        }
        Mesh.HandleMembersChanged(_now);
        if (!KeepsDirectory) { _directory.Clear(); }
        PublishSoon();
    }

    // The part of the network a node belongs to decides what its mesh hears: it begins anew.
    private void MoveSelf()
    {
        Mesh.Leave(_now);
        TakeMeshOutputs();
        var sequence = Mesh.NextSequence;
        Mesh = NewMesh(sequence);
        foreach (var peer in _peers.Values)
        {
            if (peer.State is MemberPeerState.Verified && _roster.IsMember(peer.Id)) { EnterMesh(peer); }
        }
        SetContacts();
    }

    private void RemoveSelf()
    {
        _isRemoved = true;
        MemberLog.SelfRemoved(_logger, Network);
        Happened(new MemberEvent.SelfRemoved());
        foreach (var peer in _peers.Values) { Remove(peer); }
    }

    private void TakeCertificates()
    {
        while (_roster.TryTakeForgotten(out var node)) { Keep(MemberTable.Certificates, KeyOf(node), default); }
        ForgetRemoved();
        var any = false;
        while (_roster.TryTakeAdded(out var added))
        {
            any = true;
            var certificate = added.Certificate;
            if (added.IsRenewed) { _renewed.Add(certificate.Node); }
            if (certificate.Node != Self) { Keep(MemberTable.Certificates, KeyOf(certificate.Node), certificate.Encoded); }
            HandleClaim(certificate.Issuer, certificate.Admission.Issued, isLive: false);
        }
        if (!any) { return; }
        _members = null;
        Mesh.HandleMembersChanged(_now);
        Happened(new MemberEvent.MembershipChanged());
    }

    // That a node was removed is stated, and stays so; where it lives is nobody's business any more.
    private void ForgetRemoved()
    {
        while (_roster.TryTakeRemoved(out var node))
        {
            Keep(MemberTable.Certificates, KeyOf(node), default);
            _earlyRecords.Remove(node);
            if (!_addresses.Remove(node)) { continue; }
            Keep(MemberTable.Addresses, KeyOf(node), default);
            KeepContacts();
        }
    }

    // Certificates expire while nothing else happens.
    private void WatchExpiry()
    {
        if (_roster.NextExpiry == 0 || _expiryAt is not null) { return; }
        var best = _time.At(_now).UnixSeconds;
        if (best == 0) { return; }
        var left = _roster.NextExpiry > best ? _roster.NextExpiry - best : 1;
        // Best-known time may leap: look at least once a minute.
        _expiryAt = _now + TimeSpan.FromSeconds(Math.Min(left, 60));
    }
}
