using System.Collections.Immutable;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Membership;

/// <content>
/// Reading a snapshot. It is the owner's, but comes as bytes from whoever passes it on. One state has one encoding: items in their order, and nothing behind
/// the last.
/// </content>
internal sealed partial class NetworkFacts
{
    private delegate bool ItemReader(ref SpanReader reader);

    private delegate bool KeyedReader<TKey>(ref SpanReader reader, out TKey key);

    private bool TryReadAll(ref SpanReader reader) =>
        TryReadSorted<NodeId>(ref reader, TryReadHead) && TryReadMany(ref reader, TryReadEpoch) && TryReadSorted<StatementId>(ref reader, TryReadTenure)
        && TryReadSorted<StatementId>(ref reader, TryReadDelegate) && TryReadSorted<StatementId>(ref reader, TryReadGuest)
        && TryReadSorted(ref reader, (ref SpanReader inner, out StatementId id) => TryReadClosing(ref inner, Closings, out id))
        && TryReadSorted(ref reader, (ref SpanReader inner, out StatementId id) => TryReadClosing(ref inner, Kept, out id)) && TryReadSorted<StatementId>(ref reader, TryReadBan)
        && TryReadSorted<NodeId>(ref reader, TryReadRevokedNode) && TryReadSorted<(RegisterKind, NodeId)>(ref reader, TryReadRegister)
        && TryReadSorted<StatementId>(ref reader, TryReadResource) && Epochs.Count > 0 && reader.IsEmpty;

    private static bool TryReadSorted<TKey>(ref SpanReader reader, KeyedReader<TKey> item)
        where TKey : struct, IComparable<TKey>
    {
        TKey? last = null;
        return TryReadMany(ref reader, (ref SpanReader inner) =>
        {
            if (!item(ref inner, out var key) || (last is { } before && key.CompareTo(before) <= 0)) { return false; }
            last = key;
            return true;
        });
    }

    private static bool TryReadMany(ref SpanReader reader, ItemReader item)
    {
        if (!reader.TryReadVarInt(out var count) || count > (ulong)(reader.RemainingLength / LeastItem)) { return false; }
        for (ulong i = 0; i < count; i++)
        {
            if (!item(ref reader)) { return false; }
        }
        return true;
    }

    private bool TryReadHead(ref SpanReader reader, out NodeId issuer) =>
        reader.TryReadKey(out issuer) && Cut.TryRead(ref reader, out var head) && Heads.TryAdd(issuer, head);

    private bool TryReadEpoch(ref SpanReader reader)
    {
        if (!reader.TryReadId(out var id) || !reader.TryReadKey(out var owner)) { return false; }
        var namings = ImmutableArray.CreateBuilder<RecoveryNaming>();
        if (!TryReadMany(ref reader, (ref SpanReader inner) =>
        {
            if (!inner.TryReadKey(out var key) || !inner.TryReadId(out var by) || !inner.TryReadVarInt(out var position)) { return false; }
            if (!inner.TryReadByte(out var retired) || retired > 1) { return false; }
            namings.Add(new(key, by, position, retired == 1));
            return true;
        })) { return false; }
        if (namings.Count == 0 || !TryReadKeep(ref reader, out var keep) || keep is null) { return false; }
        if (!reader.TryReadByte(out var isRecovered) || isRecovered > 1) { return false; }
        var (position, sequence) = (0UL, 0UL);
        if (isRecovered == 1 && (!reader.TryReadVarInt(out position) || !reader.TryReadVarInt(out sequence))) { return false; }
        Epochs.Add(new(id, new(owner), namings.ToImmutable(), keep, isRecovered == 1 ? new(position, sequence, id) : null));
        return true;
    }

    private bool TryReadTenure(ref SpanReader reader, out StatementId id)
    {
        if (!reader.TryReadId(out id) || !reader.TryReadKey(out var key) || !Place.TryRead(ref reader, out var place)) { return false; }
        return reader.TryReadId(out var successor) && TryReadKeep(ref reader, out var closed)
            && Tenures.TryAdd(id, new(id, key, place, successor, closed));
    }

    private bool TryReadDelegate(ref SpanReader reader, out StatementId id)
    {
        if (!reader.TryReadId(out id) || !reader.TryReadKey(out var key) || !reader.TryReadText(Labels.MaxLength, out var label)) { return false; }
        if (label.Length > 0 && !Labels.IsValid(label)) { return false; }
        if (!reader.TryReadUInt64(out var until) || !Place.TryRead(ref reader, out var place)) { return false; }
        return TryReadKeep(ref reader, out var closed)
            && Delegates.TryAdd(id, new(id, key, label.Length == 0 ? default : new(label), until, place, closed));
    }

    private bool TryReadGuest(ref SpanReader reader, out StatementId id) =>
        reader.TryReadId(out id) && reader.TryReadKey(out var user) && Place.TryRead(ref reader, out var by) && Guests.TryAdd(id, new(new(user), by));

    private static bool TryReadClosing(ref SpanReader reader, Dictionary<StatementId, Closing> closings, out StatementId id)
    {
        if (!reader.TryReadId(out id) || !reader.TryReadId(out var subject) || !Place.TryRead(ref reader, out var by)) { return false; }
        return Cut.TryRead(ref reader, out var cut) && TryReadKeep(ref reader, out var keep) && keep is not null
            && closings.TryAdd(id, new(id, subject, by, cut, keep));
    }

    private bool TryReadBan(ref SpanReader reader, out StatementId id)
    {
        if (!reader.TryReadId(out id) || !reader.TryReadKey(out var user) || !Place.TryRead(ref reader, out var by)) { return false; }
        if (!Cut.TryRead(ref reader, out var cut) || !TryReadKeep(ref reader, out var keep) || keep is null) { return false; }
        var lifted = ImmutableSortedSet.CreateBuilder<StatementId>();
        return TryReadSorted(ref reader, (ref SpanReader inner, out StatementId by) => inner.TryReadId(out by) && lifted.Add(by))
            && Bans.TryAdd(id, new(id, new(user), by, cut, keep, lifted.ToImmutable()));
    }

    private bool TryReadRevokedNode(ref SpanReader reader, out NodeId node) =>
        reader.TryReadKey(out node) && Place.TryRead(ref reader, out var by) && RevokedNodes.TryAdd(node, by);

    private bool TryReadRegister(ref SpanReader reader, out (RegisterKind Kind, NodeId Subject) key)
    {
        key = default;
        if (!reader.TryReadByte(out var kind) || kind is < (byte)RegisterKind.Name or > (byte)RegisterKind.Discovery) { return false; }
        if (!reader.TryReadKey(out var subject)) { return false; }
        key = ((RegisterKind)kind, subject);
        if (!reader.TryReadVarInt(out var depth) || !Place.TryRead(ref reader, out var by)) { return false; }
        if (!reader.TryReadId(out var id) || !reader.TryReadVarInt(out var type) || !reader.TryReadVarIntBytes(out var bytes)) { return false; }
        var value = StatementBody.Read((StatementType)type, bytes);
        return IsOf((RegisterKind)kind, value) && Registers.TryAdd(key, new((RegisterKind)kind, subject, depth, by, id, value));
    }

    private bool TryReadResource(ref SpanReader reader, out StatementId id) =>
        reader.TryReadId(out id) && reader.TryReadKey(out var issuer) && Place.TryRead(ref reader, out var by)
        && reader.TryReadLengthBytes(StatementBody.MaxContent, out var grant) && Resources.TryAdd(id, new(id, new(issuer), by, grant));

    private static bool IsOf(RegisterKind kind, StatementBody value) => kind switch
    {
        RegisterKind.Name or RegisterKind.NameByOwner => value is StatementBody.Rename,
        RegisterKind.SubCluster or RegisterKind.SubClusterByOwner => value is StatementBody.MoveNode,
        RegisterKind.Policy => value is StatementBody.SetPolicy,
        RegisterKind.ControlPlanes or RegisterKind.ControlPlanesByOwner => value is StatementBody.SetControlPlanes,
        RegisterKind.Discovery => value is StatementBody.SetDiscovery,
        _ => value is StatementBody.SetSettings,
    };

    private static bool TryReadKeep(ref SpanReader reader, out Keep? keep)
    {
        keep = null;
        if (!reader.TryReadByte(out var has) || has > 1) { return false; }
        return has == 0 || Keep.TryRead(ref reader, out keep!, reader.RemainingLength / StatementId.Size);
    }
}
