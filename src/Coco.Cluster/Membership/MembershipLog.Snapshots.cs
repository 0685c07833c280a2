using Coco.Cluster.Statements;
using Coco.Quic.Packets;

namespace Coco.Cluster.Membership;

/// <content>
/// Evaluating from a snapshot, forgetting what it stands for, and handing it to a newcomer as a package:
/// <code>
/// package = count varint (1–512) ‖ count × ( length varint ‖ statement )
/// </code>
/// First the statements that show from the root who owns the network, and who may recover it (<see cref="OwnerProof"/>), then the parts of the snapshot.
/// </content>
internal sealed partial class MembershipLog
{
    private const int MaxPackaged = 512;

    private readonly Dictionary<StatementId, Office[]> _baseOffices = [];
    private NetworkFacts _base = new();
    private byte[]? _baseBytes;
    private StatementId? _baseDigest;
    private byte[]? _installed;
    private List<Statement> _proof = [];

    /// <summary>Whether statements were forgotten, so that a newcomer needs <see cref="WritePackage"/> first.</summary>
    public bool IsCompacted => _installed is not null;

    /// <summary>The snapshot in force whose past is here still; null for none.</summary>
    public StatementId? Compactable
    {
        get
        {
            Evaluate();
            return _baseBytes is null || _baseBytes == _installed ? null : _baseDigest ??= StatementId.Of(_baseBytes);
        }
    }

    /// <summary>What the owner has to state, in this order, so that everybody can forget the past.</summary>
    public IReadOnlyList<StatementBody> MakeSnapshot()
    {
        Evaluate();
        var bytes = _evaluation!.EncodeSnapshot();
        var count = (bytes.Length + StatementBody.MaxContent - 1) / StatementBody.MaxContent;
        if (count > StatementBody.MaxSnapshotParts)
        {
            throw new InvalidOperationException($"The state has {bytes.Length} bytes, more than a snapshot may have; revoke what is not needed.");
        }
        var digest = StatementId.Of(bytes);
        return [.. bytes.Chunk(StatementBody.MaxContent).Select((part, index) => new StatementBody.SnapshotPart(digest, (ulong)index, (ulong)count, part))];
    }

    /// <summary>Forgets what the newest snapshot stands for, and branches it does not contain. False where there is none.</summary>
    public bool Compact()
    {
        Evaluate();
        if (_baseBytes is null || _baseBytes == _installed) { return false; }
        var proof = ProofOfOwner();
        // What a newcomer would not take, this node does not either: nothing is forgotten for it.
        if (OwnerProof.Verify(network, [.. proof, .. PartsOf(_baseBytes)]) is null) { return false; }
        _proof = proof;
        _installed = _baseBytes;
        Forget();
        return true;
    }

    /// <summary>The snapshot this log starts from, with what shows that it is the owner's.</summary>
    public byte[] WritePackage()
    {
        if (_installed is null) { throw new InvalidOperationException("There is no package before the log was compacted."); }
        Statement[] statements = [.. _proof, .. PartsOf(_installed)];
        var writer = new CanonicalWriter();
        writer.VarInt((ulong)statements.Length);
        foreach (var statement in statements) { writer.Bytes(statement.Encoded.Span); }
        return writer.Written.ToArray();
    }

    /// <summary>Starts from a package, unless the owner it shows is not one that follows, or is, the owner known here.</summary>
    public bool TryInstall(ReadOnlySpan<byte> package) => TryInstall(package, out _);

    /// <summary>The same; <paramref name="isProven"/> says whether it is an owner's snapshot at all, whom it does not follow here perhaps.</summary>
    public bool TryInstall(ReadOnlySpan<byte> package, out bool isProven)
    {
        isProven = false;
        if (ReadPackage(package) is not { } statements || OwnerProof.Verify(network, statements) is not { } proven) { return false; }
        isProven = true;
        foreach (var statement in statements.Where(static statement => statement.Body is StatementBody.Recover)) { Add(statement); }
        Evaluate();
        var mine = _evaluation!.Facts.Epochs;
        if (mine.Count > 0 && !proven.Facts.Epochs.Exists(epoch => epoch.Id == mine[^1].Id)) { return false; }
        // An owner's later snapshot contains the earlier. Of a former owner's nothing is kept that the owner now has not stated again.
        var isSameOwners = _base.Epochs.Count > 0 && _base.Epochs[^1].Id == proven.Facts.Epochs[^1].Id;
        if (isSameOwners && _base.Heads.Any(head => head.Value.Count > proven.Facts.HeadOf(head.Key).Count)) { return false; }

        SetBase(proven.Bytes);
        _installed = proven.Bytes;
        _proof = [.. statements.Where(static statement => statement.Body is not StatementBody.SnapshotPart)];
        Forget();
        foreach (var part in statements.Where(static statement => statement.Body is StatementBody.SnapshotPart)) { Add(part); }
        AddWhatTheSnapshotAllows();
        return true;
    }

    private List<Statement>? ReadPackage(ReadOnlySpan<byte> package)
    {
        var reader = new SpanReader(package);
        if (!reader.TryReadVarInt(out var count) || count is 0 or > MaxPackaged) { return null; }
        var statements = new List<Statement>();
        for (ulong i = 0; i < count; i++)
        {
            if (!reader.TryReadVarIntBytes(out var signed) || Statement.Read(signed, network, out _) is not { } statement) { return null; }
            statements.Add(statement);
        }
        return reader.IsEmpty ? statements : null;
    }

    private IEnumerable<Statement> PartsOf(byte[] snapshot)
    {
        var (digest, owner) = (StatementId.Of(snapshot), _base.Epochs[^1].Id);
        return _entries.InOrder.Select(static entry => entry.Statement)
            .Where(statement => statement.Body is StatementBody.SnapshotPart part && part.Digest == digest && statement.Authority == owner)
            .DistinctBy(static statement => ((StatementBody.SnapshotPart)statement.Body).Index);
    }

    // What opened each epoch, what named its recovery keys, and where they gave up their power.
    private List<Statement> ProofOfOwner()
    {
        var proof = new List<Statement>();
        foreach (var epoch in _base.Epochs)
        {
            foreach (var naming in epoch.Namings)
            {
                proof.AddRange(FindForProof(naming.By) is { } named ? [named] : []);
                if (naming.IsRetired) { proof.AddRange(_entries.InOrder.Select(static entry => entry.Statement).Concat(_proof).Where(statement => OwnerProof.Retires(statement, epoch, naming)).Take(1)); }
            }
        }
        return [.. proof.Distinct()];
    }

    private Statement? FindForProof(StatementId id) => Find(id) ?? _proof.Find(statement => statement.Id == id);

    private void Forget()
    {
        var before = _entries;
        _entries = new();
        foreach (var entry in before.InOrder)
        {
            var statement = entry.Statement;
            if (Check(statement, out var missing, out _) is Refusal.None && missing is null) { _entries.Add(entry); }
        }
        _evaluation = null;
    }

    // True when the evaluation started from another snapshot than the one before.
    private bool UseSnapshot(Evaluation evaluation)
    {
        if (evaluation.Snapshot is not { } bytes || bytes.AsSpan().SequenceEqual(_baseBytes)) { return false; }
        SetBase(bytes);
        return true;
    }

    private void SetBase(byte[] bytes)
    {
        (_baseBytes, _baseDigest) = (bytes, null);
        _base = NetworkFacts.ReadSnapshot(bytes)!;
        _baseOffices.Clear();
        foreach (var epoch in _base.Epochs)
        {
            AddOffice(epoch.Id, new(epoch.Owner.Key, 0));
            foreach (var naming in epoch.Namings.Where(static naming => !naming.Key.IsDefault)) { AddOffice(naming.By, new(naming.Key, 0)); }
        }
        foreach (var tenure in _base.Tenures.Values) { AddOffice(tenure.Id, new(tenure.Key, tenure.Place.Distance)); }
    }

    private void AddOffice(StatementId id, Office office) => _baseOffices[id] = [.. _baseOffices.GetValueOrDefault(id, []), office];
}
