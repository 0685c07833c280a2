using System.Buffers.Binary;
using Coco.Cluster.Certificates;
using Coco.Cluster.Discovery;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Cluster.Time;
using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Cluster.Members;

/// <content>
/// How a member comes to be: with a new network, by a welcome, or from what an earlier life kept.
/// <code>
/// settings = version u8: 1 ‖ discovery key (32) ‖ anything a later version adds
/// </code>
/// The settings are a statement of their own, after the network's beginning, because what leads to a certificate is shown to strangers. Later keys are statements
/// of their own, too.
/// </content>
internal sealed partial class NetworkMember
{
    private const byte SettingsVersion = 1;

    /// <summary>Founds a network. The root key signs its beginning and is forgotten.</summary>
    public static NetworkMember Create(FoundingTerms terms, MemberOptions options, MemberHost host, TimeSpan now)
    {
        using var root = IdentityKey.Generate(host.Random);
        var founded = BestTime.CanBe(host.UnixSeconds) ? host.UnixSeconds : 0; // what an owner signs is believed
        var keys = terms.Keys ?? MemberKeys.Generate(host.Random);
        var log = new MembershipLog(new(root.Id), options.Membership);
        var beginning = StatementAuthor.Create(root, new(keys.UserId, terms.Recovery, terms.Name, terms.Profile, default), founded);
        log.Add(beginning);
        var settings = new byte[1 + DiscoveryKey.Size];
        settings[0] = SettingsVersion;
        host.Random.Fill(settings.AsSpan(1));
        var home = terms.App.IsDefault || terms.IsGateway ? SubClusterId.Core : new(terms.App.Name);
        var certificate = NodeCertificate.Sign(keys.User, beginning.Id, new()
        {
            Network = log.Network, Node = keys.Node.Id, Name = terms.NodeName, User = keys.UserId, App = terms.App, IsGateway = terms.IsGateway,
            SubCluster = terms.SubCluster.IsDefault ? home : terms.SubCluster, Class = (NodeClass)options.Mesh.Class, Tags = terms.Tags,
            Issued = founded, Consent = NodeCertificate.Consent(keys.User, log.Network, keys.Node.Id),
        });
        var member = new NetworkMember(keys, certificate, log, options, host, MemberMemory.None, now);
        member.MakeStatement(new StatementBody.SetSettings(terms.Name, terms.Profile, settings));
        member._sync.HoldBack(beginning.Id);
        member.KeepSelf();
        member.Finish();
        return member;
    }

    /// <summary>Begins with what a sponsor, or an inviter by other means, gave.</summary>
    /// <exception cref="FormatException">The certificate is not one of this network for these keys.</exception>
    public static NetworkMember FromWelcome(
        MemberKeys keys, NetworkId network, ReadOnlyMemory<byte> certificate, IReadOnlyList<ReadOnlyMemory<byte>> statements,
        MemberOptions options, MemberHost host, TimeSpan now)
    {
        var log = WelcomeStatements.Load(network, statements, options.Membership);
        if (NodeCertificate.Read(certificate.Span) is not { } read || read.Node != keys.Node.Id || read.User != keys.UserId
            || log.State.Check(read, bestTime: 0) is not CertificateVerdict.Valid)
        {
            throw new FormatException($"This is no certificate of network {network} for node {keys.Node.Id}: ask for another ticket.");
        }
        var member = new NetworkMember(keys, read, log, options, host, MemberMemory.None, now);
        member.KeepSelf();
        foreach (var statement in statements) { member.RememberOffice(statement.Span); }
        if (log.IsCompacted) { member.KeepPackage(); }
        member.Finish();
        return member;
    }

    /// <summary>The same for what came without a connection.</summary>
    public static NetworkMember FromAdmission(MemberKeys keys, AdmissionInformation admission, MemberOptions options, MemberHost host, TimeSpan now)
    {
        var member = FromWelcome(keys, admission.Network, admission.Certificate, admission.Statements, options, host, now);
        var contacts = new List<NodeId>();
        foreach (var bytes in admission.AddressRecords)
        {
            if (!AddressRecord.TryRead(bytes.Span, out var record) || !member._addresses.TryPut(record!)) { continue; }
            member.KeepAddress(member._addresses.Find(record!.Id)!);
            contacts.Add(record.Id);
        }
        member.SetContacts(contacts, now);
        return member;
    }

    /// <summary>Goes on from the rows of an earlier life.</summary>
    /// <exception cref="FormatException">They are not whole.</exception>
    public static NetworkMember Restore(IEnumerable<MemberRow> rows, MemberOptions options, MemberHost host, TimeSpan now)
    {
        var all = rows.ToLookup(static row => row.Table);
        var self = all[MemberTable.Self].ToArray();
        var keys = new MemberKeys(KeyIn(self, NodeKey), KeyIn(self, UserKey));
        var network = new NetworkId(NodeId.Read(Require(self, NetworkKey, NodeId.Size).Span));
        var certificate = NodeCertificate.Read(Find(self, CertificateKey).Span);
        if (certificate is null || certificate.Node != keys.Node.Id || certificate.Network != network) { throw NotWhole("certificate"); }

        var log = new MembershipLog(network, options.Membership);
        var package = Find(self, PackageKey);
        if (!package.IsEmpty && !log.TryInstall(package.Span)) { throw NotWhole("package"); }
        var arrivals = 0UL;
        var kept = all[MemberTable.Statements].Where(static row => row.Value.Length > sizeof(ulong)).OrderBy(static row => ArrivalOf(row)).ToArray();
        foreach (var row in kept)
        {
            log.Add(row.Value.Span[sizeof(ulong)..]);
            arrivals = ArrivalOf(row) + 1;
        }
        if (kept.Length == 0 && package.IsEmpty && Find(self, RootKey) is { IsEmpty: false } root) { log.Add(root.Span); }
        if (log.State.Owner is null) { throw NotWhole("beginning of the network"); }
        var sequence = Find(self, SequenceKey) is { Length: sizeof(ulong) } number ? BinaryPrimitives.ReadUInt64BigEndian(number.Span) : 1;
        var claims = all[MemberTable.Times].Select(static row => TimeClaimsRecord.TryDecode(row.Value.Span, out var read) ? read : []).FirstOrDefault() ?? [];
        var member = new NetworkMember(keys, certificate, log, options, host, new(sequence, arrivals, claims), now);
        member._hasOnlyKeys = kept.Length == 0;
        member.Remember(all, self, kept);
        member.Finish();
        return member;
    }

    /// <summary>What members recognise each other by on a LAN; null where the network has none.</summary>
    public DiscoveryKey? Discovery
    {
        get
        {
            if (DiscoveryBytes is { IsEmpty: false } key) { return new(key.Span); }
            return _hasOnlyKeys && State.Settings is null or { Settings.IsEmpty: true } ? _keptDiscovery : null;
        }
    }

    private ReadOnlyMemory<byte> DiscoveryBytes
    {
        get
        {
            if (State.Discovery is { } changed) { return changed.Key; }
            var settings = State.Settings?.Settings ?? default;
            return settings.Length > DiscoveryKey.Size && settings.Span[0] == SettingsVersion ? settings.Slice(1, DiscoveryKey.Size) : default;
        }
    }

    private void Remember(ILookup<MemberTable, MemberRow> rows, MemberRow[] self, MemberRow[] statements)
    {
        // What comes from the disk is nothing new.
        while (_log.TryTakeEvent(out _)) { }
        foreach (var row in statements.Where(static row => row.Key.Length == StatementId.Size)) { _kept.Add(StatementId.Read(row.Key.Span)); }
        if (Find(self, DiscoveryRow) is { Length: DiscoveryKey.Size } discovery) { _keptDiscovery = new(discovery.Span); }
        if (Find(self, TipKey) is { Length: NodeId.Size + sizeof(ulong) } tip)
        {
            _tip = (NodeId.Read(tip.Span[..NodeId.Size]), BinaryPrimitives.ReadUInt64BigEndian(tip.Span[NodeId.Size..]));
        }
        RememberSettling(Find(self, SettlingKey).Span);
        foreach (var row in self.Where(static row => row.Key.Span.StartsWith(OfficeKey))) { RememberOffice(row.Value.Span); }
        foreach (var row in rows[MemberTable.Certificates])
        {
            if (NodeCertificate.Read(row.Value.Span) is { } certificate) { _roster.Add(certificate); }
        }
        while (_roster.TryTakeAdded(out _)) { }
        foreach (var row in rows[MemberTable.Tickets])
        {
            if (TicketRecord.TryDecode(row.Value.Span, out var ticket)) { _sponsor.Load(ticket); }
        }
        foreach (var (row, lastGood) in rows[MemberTable.Addresses].Where(static row => row.Key.Length == NodeId.Size && row.Value.Length >= sizeof(ulong))
            .Select(static row => (row, BinaryPrimitives.ReadUInt64BigEndian(row.Value.Span))).OrderBy(static entry => entry.Item2))
        {
            AddressRecord.TryRead(row.Value.Span[sizeof(ulong)..], out var record);
            _addresses.Load(NodeId.Read(row.Key.Span), lastGood, record);
        }
        if (!rows[MemberTable.Addresses].Any()) { LoadContacts(Find(self, ContactsKey).Span); }
        _time.HandleIssuersChanged();
        MembersChanged();
        Mesh.HandleMembersChanged(_now);
        SetContacts();
        Mesh.SetRemembered(_roster.Certificates.Select(static member => new RememberedMember(member.Node, (Graph.NodeClass)member.Admission.Class)), _now);
    }

    // Statements that give offices lead strangers to our certificate, also after a snapshot has swallowed them.
    private void RememberOffices()
    {
        var facts = State.Facts;
        var ids = facts.Epochs.Select(static epoch => epoch.Id).Concat(facts.Epochs.SelectMany(static epoch => epoch.Namings.Select(static naming => naming.By)));
        foreach (var id in ids.Concat(facts.Tenures.Keys).Concat(facts.Delegates.Keys))
        {
            if (_log.Find(id) is { } office) { _offices[id] = office; }
        }
    }

    private void RememberOffice(ReadOnlySpan<byte> signed)
    {
        if (_log.IsCompacted && Statement.Read(signed, Network, out _) is { } office && _log.Find(office.Id) is null) { _offices[office.Id] = office; }
    }

    // A node that kept nothing but its keys has not heard yet of whoever let it in; the others have.
    private bool IsWaitingForOffice() =>
        _hasOnlyKeys && _log.Find(Certificate.Authority) is null && State.Check(Certificate, bestTime: 0) is CertificateVerdict.NoOffice;

    private bool _hasOnlyKeys;

    private static ulong ArrivalOf(in MemberRow row) => BinaryPrimitives.ReadUInt64BigEndian(row.Value.Span);

    private static IdentityKey KeyIn(MemberRow[] self, byte[] name) => IdentityKey.FromSeed(Require(self, name, IdentityKey.SeedSize).Span);

    private static ReadOnlyMemory<byte> Require(MemberRow[] self, byte[] name, int length) =>
        Find(self, name) is var found && found.Length == length ? found : throw NotWhole(System.Text.Encoding.ASCII.GetString(name));

    private static ReadOnlyMemory<byte> Find(MemberRow[] self, byte[] name) => Array.Find(self, row => row.Key.Span.SequenceEqual(name)).Value;

    private static FormatException NotWhole(string what) =>
        new($"The node's database holds no valid {what}: restore it from a copy, or remove it and join the network again.");
}
