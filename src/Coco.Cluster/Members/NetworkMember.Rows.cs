using System.Buffers.Binary;
using System.Text;
using Coco.Cluster.Discovery;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <content>
/// What the node's database holds, a transaction for each thing that happened. <see cref="MemberTable"/> says what the rows are; those of
/// <see cref="MemberTable.Self"/> are
/// <code>
/// node, user    seeds of the keys (32)      network  NetworkId (32)         certificate  our own
/// sequence      below which advertisements may be numbered u64              package      the snapshot the log starts from
/// office ‖ StatementId   a statement that gives an office and that the snapshot has swallowed
/// root      the statement the network begins with                            discovery    key (32)
/// tip       user key (32) ‖ u64: how many statements the user has made, as far as this node knew
/// settling  how long a snapshot has stood (<see cref="TendSnapshot"/>)
/// contacts  ( length varint ‖ address record ) × …        of up to three nodes that served last
/// </code>
/// Root, discovery, tip and contacts are for a node that keeps nothing but these rows: it knows by them whom to believe, where to look for others, and that it must hear
/// what its user has stated before it states more.
/// </content>
internal sealed partial class NetworkMember
{
    private static readonly byte[] NodeKey = Encoding.ASCII.GetBytes("node");
    private static readonly byte[] UserKey = Encoding.ASCII.GetBytes("user");
    private static readonly byte[] NetworkKey = Encoding.ASCII.GetBytes("network");
    private static readonly byte[] CertificateKey = Encoding.ASCII.GetBytes("certificate");
    private static readonly byte[] SequenceKey = Encoding.ASCII.GetBytes("sequence");
    private static readonly byte[] PackageKey = Encoding.ASCII.GetBytes("package");
    private static readonly byte[] OfficeKey = Encoding.ASCII.GetBytes("office");
    private static readonly byte[] RootKey = Encoding.ASCII.GetBytes("root");
    private static readonly byte[] DiscoveryRow = Encoding.ASCII.GetBytes("discovery");
    private static readonly byte[] TipKey = Encoding.ASCII.GetBytes("tip");
    private static readonly byte[] ContactsKey = Encoding.ASCII.GetBytes("contacts");
    private static readonly byte[] ClaimsKey = Encoding.ASCII.GetBytes("claims");

    private readonly SortedDictionary<ulong, PendingWrite> _writes = [];
    private PendingWrite? _pending;
    private ulong _writeNumber;
    private ulong _sequenceStored;
    private ulong _sequenceReserved;
    private TimeSpan? _retryAt;

    /// <summary>A write is on disk for good.</summary>
    public void HandleStored(ulong number, TimeSpan now)
    {
        _now = now;
        if (_writes.Remove(number, out var write))
        {
            _sequenceStored = Math.Max(_sequenceStored, write.Sequence);
            foreach (var id in write.Statements) { _sync.HandleStored(id); }
            foreach (var ticket in write.Tickets) { _sponsor.HandlePersisted(ticket); }
        }
        Finish();
    }

    /// <summary>A write failed: nothing of it is on disk. What must be kept is written again.</summary>
    public void HandleStoreFailed(ulong number, TimeSpan now)
    {
        _now = now;
        if (_writes.Remove(number, out var write))
        {
            MemberLog.StoreFailed(_logger, number);
            foreach (var ticket in write.Tickets) { _sponsor.HandlePersistFailed(ticket); }
            // What was written later says it better.
            var lost = write.Rows.Where(row => row.Table is not MemberTable.Tickets && !_writes.Values.Any(other => other.Has(row)) && _pending?.Has(row) != true);
            foreach (var row in lost.ToArray()) { Keep(row.Table, row.Key, row.Value); }
            if (write.Statements.Count > 0) { Pending.Statements.AddRange(write.Statements); }
            if (_pending is not null)
            {
                _pending.Sequence = Math.Max(_pending.Sequence, write.Sequence);
                _retryAt = now + _options.StoreRetry;
            }
        }
        Finish();
    }

    private PendingWrite Pending => _pending ??= new(++_writeNumber);

    private void Keep(MemberTable table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) => Pending.Put(new(table, key, value));

    private void KeepStatement(Statement statement)
    {
        var value = new byte[sizeof(ulong) + statement.Encoded.Length];
        BinaryPrimitives.WriteUInt64BigEndian(value, _arrivals++);
        statement.Encoded.CopyTo(value.AsMemory(sizeof(ulong)));
        Keep(MemberTable.Statements, KeyOf(statement.Id), value);
        _kept.Add(statement.Id);
        if (_sync.IsUnstored(statement.Id)) { Pending.Statements.Add(statement.Id); }
        if (statement.Issuer == Keys.User.Id) { KeepTip(statement.Sequence + 1); }
    }

    private void KeepTip(ulong count)
    {
        if (_tip.Key == Keys.User.Id && count <= _tip.Count) { return; }
        _tip = (Keys.User.Id, count);
        var value = new byte[NodeId.Size + sizeof(ulong)];
        Keys.User.Id.CopyTo(value);
        BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(NodeId.Size), count);
        Keep(MemberTable.Self, TipKey, value);
    }

    private void KeepDiscovery()
    {
        if (Discovery is not { } key || key.IsSame(_keptDiscovery)) { return; }
        _keptDiscovery = key;
        if (DiscoveryBytes is { IsEmpty: false } bytes) { Keep(MemberTable.Self, DiscoveryRow, bytes); }
    }

    private (NodeId Key, ulong Count) _tip;
    private DiscoveryKey? _keptDiscovery;

    private readonly HashSet<StatementId> _kept = [];

    // After a snapshot took the place of statements: their rows go, those that give offices stay as what shows where they come from.
    private void KeepPackage()
    {
        Keep(MemberTable.Self, PackageKey, _log.WritePackage());
        foreach (var id in _kept.ToArray())
        {
            if (_log.Find(id) is not null) { continue; }
            _kept.Remove(id);
            Keep(MemberTable.Statements, KeyOf(id), default);
        }
        foreach (var office in _offices.Values) { Keep(MemberTable.Self, KeyOf(OfficeKey, office.Id), office.Encoded); }
        MemberLog.Compacted(_logger, _log.Count);
    }

    // A number that was used must not be used again after a crash, so they are reserved on disk, many at a time.
    private void ReserveSequence()
    {
        var next = Mesh.NextSequence;
        if (next + ((ulong)_options.SequenceBlock / 2) < _sequenceReserved) { return; }
        _sequenceReserved = next + (ulong)_options.SequenceBlock;
        var value = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(value, _sequenceReserved);
        Keep(MemberTable.Self, SequenceKey, value);
        Pending.Sequence = _sequenceReserved;
    }

    private void FlushRows()
    {
        if (_pending is not { IsEmpty: false } write || _retryAt > _now) { return; }
        _pending = null;
        _writes.Add(write.Number, write);
        _outputs.Enqueue(new MemberOutput.Write(write.Number, [.. write.Rows]));
    }

    private void KeepSelf()
    {
        Keep(MemberTable.Self, NodeKey, SeedOf(Keys.Node));
        Keep(MemberTable.Self, UserKey, SeedOf(Keys.User));
        Keep(MemberTable.Self, NetworkKey, KeyOf(Network.Key));
        Keep(MemberTable.Self, CertificateKey, Certificate.Encoded);
        if (_log.Find(State.Facts.Epochs[0].Id) is { } root) { Keep(MemberTable.Self, RootKey, root.Encoded); }
    }

    private static byte[] SeedOf(IdentityKey key)
    {
        var seed = new byte[IdentityKey.SeedSize];
        key.CopySeedTo(seed);
        return seed;
    }

    private static byte[] KeyOf(NodeId node)
    {
        var key = new byte[NodeId.Size];
        node.CopyTo(key);
        return key;
    }

    private static byte[] KeyOf(StatementId id)
    {
        var key = new byte[StatementId.Size];
        id.CopyTo(key);
        return key;
    }

    private static byte[] KeyOf(byte[] name, StatementId id) => [.. name, .. KeyOf(id)];
}
