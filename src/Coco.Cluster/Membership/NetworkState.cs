using System.Collections.Immutable;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>What the statements of a network amount to, at one moment. Never changes; the next moment is another object.</summary>
internal sealed partial class NetworkState
{
    private readonly byte[] _canonical;
    private readonly HashSet<UserId> _guests;

    // Whether by the owner, who alone can revoke a device with its user.
    private readonly Dictionary<UserId, bool> _revokedUsers = [];

    public NetworkState(NetworkId network, NetworkFacts facts)
    {
        (Network, Facts, _canonical) = (network, facts, facts.EncodeFacts());
        foreach (var ban in facts.Bans.Values.Where(static ban => ban.LiftedBy.IsEmpty))
        {
            _revokedUsers[ban.User] = ban.By.IsOwner || _revokedUsers.GetValueOrDefault(ban.User);
        }
        _guests = [.. facts.Guests.Values.Select(static guest => guest.User)];
        Admins = [.. facts.Tenures.Values.Where(static tenure => tenure.Closed is null).OrderBy(static tenure => tenure.Place)];
    }

    public NetworkId Network { get; }

    /// <summary>The bytes on which all nodes with the same statements agree.</summary>
    public ReadOnlyMemory<byte> Canonical => _canonical;

    /// <summary>Who owns the network; null while its beginning is not known.</summary>
    public UserId? Owner => Facts.Epochs.Count > 0 ? Facts.Epochs[^1].Owner : null;

    /// <summary>The statement under which the owner acts.</summary>
    public StatementId OwnerAuthority => Facts.Epochs.Count > 0 ? Facts.Epochs[^1].Id : default;

    /// <summary>The recovery key on record; none if the default.</summary>
    public RecoveryNaming Recovery => Facts.Epochs.Count > 0 ? Facts.Epochs[^1].Namings[^1] : default;

    /// <summary>The admins' tenures that are open, the most senior first.</summary>
    public ImmutableArray<Tenure> Admins { get; }

    public IReadOnlyCollection<UserId> RevokedUsers => _revokedUsers.Keys;

    public IEnumerable<NodeId> RevokedNodes => Facts.RevokedNodes.Keys;

    /// <summary>The office that gave a role of a guest, or access; null for other statements.</summary>
    public Place? GiverOf(StatementId given) =>
        Facts.Guests.TryGetValue(given, out var guest) ? guest.By : Facts.Resources.TryGetValue(given, out var resource) ? resource.By : null;

    /// <summary>Whether a node is revoked, whosever it is. For others it depends on the certificate.</summary>
    public bool IsRevokedByOwner(NodeId node) => Facts.RevokedNodes.TryGetValue(node, out var by) && by.IsOwner;

    public ReadOnlyMemory<byte> Policy => Find(RegisterKind.Policy) is StatementBody.SetPolicy policy ? policy.Policy : default;

    public ImmutableArray<ControlPlaneEntry> ControlPlanes =>
        Find(RegisterKind.ControlPlanes) is StatementBody.SetControlPlanes planes ? planes.ControlPlanes : [];

    /// <summary>Who listed a control plane: the owner, or else the office that wrote the list.</summary>
    public Place ListedBy(NodeId plane) =>
        Find(RegisterKind.ControlPlanesByOwner) is StatementBody.SetControlPlanes planes && planes.ControlPlanes.Any(entry => entry.Id == plane)
            ? Place.Owner
            : Facts.Registers.TryGetValue((RegisterKind.ControlPlanes, default), out var register) ? register.By : Place.Owner;

    public string Name => Settings?.Name ?? "";

    public NetworkProfile Profile => Settings?.Profile ?? NetworkProfile.Private;

    public StatementBody.SetSettings? Settings => Find(RegisterKind.Settings) as StatementBody.SetSettings;

    /// <summary>The key by which members find each other on a LAN, where it is another than the network began with.</summary>
    public StatementBody.SetDiscovery? Discovery => Find(RegisterKind.Discovery) as StatementBody.SetDiscovery;

    /// <summary>A hash of all that were ever revoked, users, nodes and offices; the default for nobody.</summary>
    public StatementId Revoked
    {
        get
        {
            if (field != default || (Facts.Bans.Count == 0 && Facts.RevokedNodes.Count == 0 && Facts.Closings.Count == 0)) { return field; }
            var writer = new CanonicalWriter();
            var isAny = false;
            foreach (var key in Facts.Bans.Values.Select(static ban => ban.User.Key).Concat(Facts.RevokedNodes.Keys).Distinct().Order())
            {
                isAny = true;
                writer.Key(key);
            }
            foreach (var office in Facts.Closings.Values.Select(static closing => closing.Subject).Where(id => Facts.Tenures.ContainsKey(id) || Facts.Delegates.ContainsKey(id)).Distinct().Order())
            {
                isAny = true;
                writer.Id(office);
            }
            return field = isAny ? StatementId.Of(writer.Written) : default;
        }
    }

    /// <summary>Access that was granted and not taken back, by users who have not been revoked since.</summary>
    public IEnumerable<GrantedResource> Resources => Facts.Resources.Values;

    internal NetworkFacts Facts { get; }

    /// <summary>The role of a user. Guests need not be listed: a user with a valid certificate and no role connects like one.</summary>
    public Role RoleOf(UserId user)
    {
        if (user == Owner) { return Role.Owner; }
        if (_revokedUsers.ContainsKey(user)) { return Role.None; }
        if (AuthorityOf(user) is not null) { return Role.Admin; }
        return _guests.Contains(user) ? Role.Guest : Role.None;
    }

    /// <summary>The most senior office in which a user may act now; null for none.</summary>
    public StatementId? AuthorityOf(UserId user)
    {
        if (user == Owner) { return OwnerAuthority; }
        foreach (var tenure in Admins)
        {
            if (tenure.Key == user.Key) { return tenure.Id; }
        }
        return null;
    }

    /// <summary>The user an admin is now, whose key was rotated; whoever was not stays the same.</summary>
    public UserId SuccessorOf(UserId user)
    {
        for (var next = NextKey(user); next is { } key; next = NextKey(user)) { user = key; }
        return user;
    }

    /// <summary>Keys an admin had before the present one.</summary>
    public IEnumerable<UserId> PredecessorsOf(UserId user) =>
        Facts.Tenures.Values.Select(static tenure => new UserId(tenure.Key)).Distinct().Where(other => other != user && SuccessorOf(other) == user);

    public bool HasSameFacts(NetworkState other) => _canonical.AsSpan().SequenceEqual(other._canonical);

    // An office that went on has a greater generation than before, so that this ends.
    private UserId? NextKey(UserId user)
    {
        Tenure? next = null;
        foreach (var tenure in Facts.Tenures.Values)
        {
            if (tenure.Key == user.Key && Facts.Tenures.TryGetValue(tenure.Successor, out var successor) && successor.Key != user.Key) { next = successor; }
            else if (tenure.Key == user.Key && tenure.Closed is null) { return null; }
        }
        return next is null ? null : new(next.Key);
    }

    // The most senior office of a user that is open.
    private Place? SeniorityOf(UserId user)
    {
        foreach (var tenure in Admins)
        {
            if (tenure.Key == user.Key) { return tenure.Place; }
        }
        return null;
    }

    private StatementBody? Find(RegisterKind kind, NodeId subject = default) =>
        Facts.Registers.TryGetValue((kind, subject), out var register) ? register.Value : null;
}
