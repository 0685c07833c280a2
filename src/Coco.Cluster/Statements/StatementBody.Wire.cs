using System.Collections.Immutable;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <content>
/// <code>
/// 0  CreateNetwork     owner (32) ‖ recovery? ‖ name ‖ profile u8 ‖ settings
/// 1  Transfer          new owner (32) ‖ consent (64) ‖ recovery? ‖ retirement? ‖ keep
/// 2  Recover           epoch (32) ‖ cut ‖ new owner (32) ‖ recovery? ‖ keep
/// 3  SetRecovery       recovery? ‖ retirement?
/// 4  GrantRole         user (32) ‖ role u8: 1 admin, 2 guest ‖ count u8 (0–16) ‖ count × StatementId
/// 5  Delegate          key (32) ‖ scope u8: 1 ‖ sub-cluster, or empty ‖ until u64
/// 6  Revoke            kind u8: 1 user, 2 node, 3 grant, 4 keep ‖ subject (32) ‖ cut ‖ keep
/// 7  Rename            node (32) ‖ name
/// 8  MoveNode          node (32) ‖ sub-cluster
/// 9  SetPolicy         bytes
/// 10 SetControlPlanes  count u8 (0–16) ‖ count × ( NodeId (32) ‖ address )
/// 11 SetSettings       name ‖ profile u8 ‖ settings
/// 12 RotateKey         new key (32) ‖ consent (64)
/// 13 GrantResource     bytes
/// 14 SnapshotPart      digest (32) ‖ index varint ‖ count varint (1–64) ‖ bytes
/// 15 SetDiscovery      key (32) ‖ hash of the revoked (32)
///
/// recovery?, retirement? = 0 u8, or 1 u8 and the key (32) or the retirement      texts, settings, bytes = length varint ‖ bytes
/// </code>
/// What follows is of a later version and ignored. A body of a known type that is not so is <see cref="Unknown"/>.
/// </content>
internal abstract partial record StatementBody
{
    public static StatementBody Read(StatementType type, ReadOnlySpan<byte> bytes)
    {
        var reader = new SpanReader(bytes);
        return TryRead(type, ref reader) ?? new Unknown(type, bytes.ToArray());
    }

    private static StatementBody? TryRead(StatementType type, ref SpanReader reader) => type switch
    {
        StatementType.CreateNetwork => ReadCreateNetwork(ref reader),
        StatementType.Transfer => ReadTransfer(ref reader),
        StatementType.Recover => ReadRecover(ref reader),
        StatementType.SetRecovery => reader.TryReadOptionalKey(out var key) && TryReadRetirement(ref reader, out var retires) ? new SetRecovery(key, retires) : null,
        StatementType.GrantRole => ReadGrantRole(ref reader),
        StatementType.Delegate => ReadDelegate(ref reader),
        StatementType.Revoke => ReadRevoke(ref reader),
        StatementType.Rename => reader.TryReadKey(out var node) && reader.TryReadText(MaxName, out var name) ? new Rename(node, name) : null,
        StatementType.MoveNode => reader.TryReadKey(out var node) && reader.TryReadLabel(out var label) ? new MoveNode(node, new(label)) : null,
        StatementType.SetPolicy => reader.TryReadLengthBytes(MaxContent, out var policy) ? new SetPolicy(policy) : null,
        StatementType.SetControlPlanes => ReadControlPlanes(ref reader),
        StatementType.SetSettings => ReadSettings(ref reader),
        StatementType.RotateKey => reader.TryReadKey(out var key) && TryReadSignature(ref reader, out var consent) ? new RotateKey(key, consent) : null,
        StatementType.GrantResource => reader.TryReadLengthBytes(MaxContent, out var grant) ? new GrantResource(grant) : null,
        StatementType.SnapshotPart => ReadSnapshotPart(ref reader),
        StatementType.SetDiscovery => ReadDiscovery(ref reader),
        _ => null,
    };

    private static CreateNetwork? ReadCreateNetwork(ref SpanReader reader)
    {
        if (!reader.TryReadKey(out var owner) || !reader.TryReadOptionalKey(out var recovery) || owner == recovery) { return null; }
        return ReadSettings(ref reader) is { } settings ? new(new(owner), recovery, settings.Name, settings.Profile, settings.Settings) : null;
    }

    private static Transfer? ReadTransfer(ref SpanReader reader)
    {
        if (!reader.TryReadKey(out var owner) || !TryReadSignature(ref reader, out var consent)) { return null; }
        if (!reader.TryReadOptionalKey(out var recovery) || owner == recovery || !TryReadRetirement(ref reader, out var retires)) { return null; }
        return Keep.TryRead(ref reader, out var keep) ? new(new(owner), consent, recovery, retires, keep) : null;
    }

    private static Recover? ReadRecover(ref SpanReader reader)
    {
        if (!reader.TryReadId(out var epoch) || !Cut.TryRead(ref reader, out var cut) || !reader.TryReadKey(out var owner)) { return null; }
        if (!reader.TryReadOptionalKey(out var recovery) || owner == recovery) { return null; }
        return Keep.TryRead(ref reader, out var keep) ? new(epoch, cut, new(owner), recovery, keep) : null;
    }

    private static GrantRole? ReadGrantRole(ref SpanReader reader)
    {
        if (!reader.TryReadKey(out var user) || !reader.TryReadByte(out var role) || role is not ((byte)Role.Admin or (byte)Role.Guest)) { return null; }
        if (!reader.TryReadByte(out var count) || count > MaxLifts) { return null; }
        var lifts = ImmutableArray.CreateBuilder<StatementId>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadId(out var id)) { return null; }
            lifts.Add(id);
        }
        return new(new(user), (Role)role, lifts.MoveToImmutable());
    }

    private static Delegate? ReadDelegate(ref SpanReader reader)
    {
        if (!reader.TryReadKey(out var key) || !reader.TryReadByte(out var scope) || scope != Delegate.Admit) { return null; }
        if (!reader.TryReadText(Labels.MaxLength, out var label) || (label.Length > 0 && !Labels.IsValid(label))) { return null; }
        return reader.TryReadUInt64(out var until) ? new(key, label.Length == 0 ? default : new(label), until) : null;
    }

    private static Revoke? ReadRevoke(ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var kind) || kind is < (byte)RevokeKind.User or > (byte)RevokeKind.Keep) { return null; }
        if (!reader.TryReadId(out var subject) || !Cut.TryRead(ref reader, out var cut)) { return null; }
        return Keep.TryRead(ref reader, out var keep) ? new((RevokeKind)kind, subject, cut, keep) : null;
    }

    private static SetControlPlanes? ReadControlPlanes(ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var count) || count > MaxControlPlanes) { return null; }
        var entries = ImmutableArray.CreateBuilder<ControlPlaneEntry>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadKey(out var id) || !reader.TryReadText(MaxControlPlaneAddress, out var address)) { return null; }
            entries.Add(new(id, address));
        }
        return new(entries.MoveToImmutable());
    }

    private static SetSettings? ReadSettings(ref SpanReader reader)
    {
        if (!reader.TryReadText(MaxName, out var name) || !reader.TryReadByte(out var profile) || profile > (byte)NetworkProfile.Open) { return null; }
        return reader.TryReadLengthBytes(MaxSettings, out var settings) ? new(name, (NetworkProfile)profile, settings) : null;
    }

    private static SetDiscovery? ReadDiscovery(ref SpanReader reader)
    {
        if (!reader.TryReadBytes(DiscoveryKeySize, out var key)) { return null; }
        var copy = key.ToArray();
        return reader.TryReadId(out var revoked) ? new(copy, revoked) : null;
    }

    private static SnapshotPart? ReadSnapshotPart(ref SpanReader reader)
    {
        if (!reader.TryReadId(out var digest) || !reader.TryReadVarInt(out var index) || !reader.TryReadVarInt(out var count)) { return null; }
        if (count > MaxSnapshotParts || index >= count) { return null; }
        return reader.TryReadLengthBytes(MaxContent, out var bytes) ? new(digest, index, count, bytes) : null;
    }

    private static bool TryReadSignature(ref SpanReader reader, out byte[] signature)
    {
        signature = [];
        if (!reader.TryReadBytes(IdentityKey.SignatureSize, out var bytes)) { return false; }
        signature = bytes.ToArray();
        return true;
    }

    private static bool TryReadRetirement(ref SpanReader reader, out Retirement? retirement)
    {
        retirement = null;
        if (!reader.TryReadByte(out var has) || has > 1) { return false; }
        return has == 0 || Retirement.TryRead(ref reader, out retirement);
    }
}
