using System.Collections.Immutable;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <content>
/// <code>
/// statement = body ‖ signature (64)                                                        at most 16,384 bytes
/// body      = version u8: 1 ‖ network (32) ‖ issuer (32) ‖ sequence varint ‖ previous (32) ‖ authority (32)
///             ‖ after: count u8 (0–16) ‖ count × ( issuer (32) ‖ sequence varint ‖ StatementId (32) )
///             ‖ time u64 ‖ type varint ‖ length varint ‖ what the type has
/// signature = Ed25519( key of the issuer, "coco statement v1" ‖ body )
/// </code>
/// </content>
internal sealed partial class Statement
{
    public const int MaxLength = 16 * 1024;
    public const byte Version = 1;

    /// <summary>Chains a statement may say it has seen.</summary>
    public const int MaxAfter = 16;

    private static ReadOnlySpan<byte> Domain => "coco statement v1"u8;

    /// <summary>Makes and signs a statement.</summary>
    public static Statement Sign(
        IdentityKey key, NetworkId network, ulong sequence, StatementId previous, StatementId authority,
        ImmutableArray<ChainHead> after, ulong time, StatementBody body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(after.Length, MaxAfter, nameof(after));
        var content = body.Encode();
        Span<byte> signed = stackalloc byte[Domain.Length + MaxLength + (MaxAfter * ChainHead.MaxWireLength)];
        var writer = new SpanWriter(signed);
        writer.WriteBytes(Domain);
        writer.WriteByte(Version);
        writer.WriteKey(network.Key);
        writer.WriteKey(key.Id);
        writer.WriteVarInt(sequence);
        writer.WriteId(previous);
        writer.WriteId(authority);
        writer.WriteByte((byte)after.Length);
        foreach (var head in after) { head.Write(ref writer); }
        writer.WriteUInt64(time);
        writer.WriteVarInt((ulong)body.Type);
        writer.WriteVarInt((ulong)content.Length);
        if (writer.Position - Domain.Length + content.Length + IdentityKey.SignatureSize > MaxLength)
        {
            throw new ArgumentException($"A statement has at most {MaxLength} bytes; this {body.Type} is longer.", nameof(body));
        }
        writer.WriteBytes(content);
        var length = writer.Position;
        key.Sign(signed[..length], signed.Slice(length, IdentityKey.SignatureSize));
        var encoded = signed[Domain.Length..(length + IdentityKey.SignatureSize)].ToArray();
        // As others will read it, not as it was put together.
        return new(network, key.Id, sequence, previous, authority, after, time, StatementBody.Read(body.Type, content), encoded);
    }

    /// <summary>Reads and verifies a statement of <paramref name="network"/>; null, and why, for bytes that are none.</summary>
    public static Statement? Read(ReadOnlySpan<byte> bytes, NetworkId network, out Refusal refusal)
    {
        refusal = Refusal.TooLong;
        if (bytes.Length > MaxLength) { return null; }
        refusal = Refusal.Malformed;
        if (bytes.Length < IdentityKey.SignatureSize) { return null; }
        var body = bytes[..^IdentityKey.SignatureSize];
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var version)) { return null; }
        if (version != Version) { refusal = Refusal.UnknownVersion; return null; }
        if (!reader.TryReadKey(out var named) || !reader.TryReadKey(out var issuer)) { return null; }
        if (named != network.Key) { refusal = Refusal.OtherNetwork; return null; }
        if (!reader.TryReadVarInt(out var sequence) || !reader.TryReadId(out var previous)) { return null; }
        if (!reader.TryReadId(out var authority) || !TryReadAfter(ref reader, out var after) || !reader.TryReadUInt64(out var time)) { return null; }
        if (!reader.TryReadVarInt(out var type) || !reader.TryReadVarInt(out var length)) { return null; }
        if (!reader.TryReadBytes(length, out var content) || !reader.IsEmpty) { return null; }

        refusal = Refusal.BadSignature;
        Span<byte> signed = stackalloc byte[Domain.Length + body.Length];
        Domain.CopyTo(signed);
        body.CopyTo(signed[Domain.Length..]);
        if (!issuer.VerifyRemembered(signed, bytes[^IdentityKey.SignatureSize..])) { return null; }

        refusal = Refusal.None;
        var says = StatementBody.Read((StatementType)type, content);
        return new(network, issuer, sequence, previous, authority, after, time, says, bytes.ToArray());
    }

    private static bool TryReadAfter(ref SpanReader reader, out ImmutableArray<ChainHead> after)
    {
        after = [];
        if (!reader.TryReadByte(out var count) || count > MaxAfter) { return false; }
        var heads = ImmutableArray.CreateBuilder<ChainHead>(count);
        for (var i = 0; i < count; i++)
        {
            if (!ChainHead.TryRead(ref reader, out var head)) { return false; }
            heads.Add(head);
        }
        after = heads.MoveToImmutable();
        return true;
    }
}
