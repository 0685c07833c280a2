using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Graph;

/// <content>
/// <code>
/// advertisement = body ‖ signature (64)                                            at most 1,024 bytes
/// body      = version u8 (1) ‖ NodeId (32) ‖ scope ‖ sequence varint (below 2^56) ‖ flags u16 ‖ lifetime varint (seconds) ‖ links
///             ‖ anything a later version adds, which is kept and ignored
/// scope     = length u8 (0–64) ‖ label
/// links     = count u8 (0–64) ‖ count × ( first 8 bytes of the neighbour's NodeId ‖ cost u16 ‖ flags u8 ), ascending, none twice
/// signature = Ed25519( key of NodeId, "coco advertisement v1" ‖ NetworkId ‖ body )
/// </code>
/// </content>
internal sealed partial class Advertisement
{
    public const int MaxLength = 1024;

    public const byte Version = 1;

    public AdvertisedLink LinkAt(int index)
    {
        var bytes = _encoded.AsSpan(_linksAt + (index * AdvertisedLink.Size), AdvertisedLink.Size);
        return new(
            new(BinaryPrimitives.ReadUInt64BigEndian(bytes)), BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]), (LinkFlags)bytes[10]);
    }

    /// <summary>Finds the link to a neighbour.</summary>
    public bool TryFindLink(NodeTag neighbour, out AdvertisedLink link)
    {
        for (var i = 0; i < LinkCount; i++)
        {
            link = LinkAt(i);
            if (link.Neighbour == neighbour) { return true; }
            if (link.Neighbour.Value > neighbour.Value) { break; }
        }
        link = default;
        return false;
    }

    /// <summary>Makes and signs one.</summary>
    /// <param name="seal">Signs for <paramref name="node"/>.</param>
    /// <param name="node">Who says it.</param>
    /// <param name="scope">How far it goes.</param>
    /// <param name="sequence">Higher than in any before.</param>
    /// <param name="flags">What the node says of itself.</param>
    /// <param name="lifetimeSeconds">How long others remember the node once they cannot reach it.</param>
    /// <param name="links">In ascending order of neighbours, at most <see cref="MaxLinks"/>.</param>
    public static Advertisement Sign(
        IAdvertisementSeal seal, NodeId node, ScopeId scope, ulong sequence, AdvertisementFlags flags, uint lifetimeSeconds,
        ReadOnlySpan<AdvertisedLink> links)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(links.Length, MaxLinks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, MaxSequence);
        Span<byte> buffer = stackalloc byte[MaxLength];
        var writer = new SpanWriter(buffer);
        writer.WriteByte(Version);
        node.CopyTo(writer.Reserve(NodeId.Size));
        scope.Write(ref writer);
        writer.WriteVarInt(sequence);
        writer.WriteUInt16((ushort)flags);
        writer.WriteVarInt(lifetimeSeconds);
        writer.WriteByte((byte)links.Length);
        foreach (var link in links)
        {
            writer.WriteUInt64(link.Neighbour.Value);
            writer.WriteUInt16(link.Cost);
            writer.WriteByte((byte)link.Flags);
        }
        var body = writer.Written;
        seal.Sign(body, writer.Reserve(IdentityKey.SignatureSize));
        var encoded = writer.Written.ToArray();
        return TryReadHeader(encoded, out var header)
            ? new(encoded, header)
            : throw new ArgumentException("The links are not in ascending order, or name the node itself.", nameof(links));
    }

    /// <summary>Reads what can be read before the signature is verified.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out Header header)
    {
        header = default;
        if (bytes.Length is > MaxLength or < IdentityKey.SignatureSize) { return false; }
        var reader = new SpanReader(bytes[..^IdentityKey.SignatureSize]);
        if (!reader.TryReadByte(out var version) || version != Version) { return false; }
        if (!reader.TryReadBytes(NodeId.Size, out var node) || !ScopeId.TryRead(ref reader, out var scope)) { return false; }
        if (!reader.TryReadVarInt(out var sequence) || sequence > MaxSequence || !reader.TryReadUInt16(out var flags)) { return false; }
        if (!reader.TryReadVarInt(out var lifetime) || lifetime > MaxLifetime) { return false; }
        if (!reader.TryReadByte(out var count) || count > MaxLinks) { return false; }
        var linksAt = reader.Position;
        if (!reader.TryReadBytes(count * AdvertisedLink.Size, out var links)) { return false; }
        var id = NodeId.Read(node);
        if (!AreOrdered(links, NodeTag.Of(id).Value, scope)) { return false; }
        header = new(id, scope, sequence, (AdvertisementFlags)flags, (uint)lifetime, linksAt, count);
        return true;
    }

    /// <summary>Takes bytes whose header was read, after verifying their signature.</summary>
    public static Advertisement? Verified(ReadOnlySpan<byte> bytes, in Header header, IAdvertisementSeal seal) =>
        seal.Verify(header.Node, bytes[..^IdentityKey.SignatureSize], bytes[^IdentityKey.SignatureSize..])
            ? new(bytes.ToArray(), header)
            : null;

    private static bool AreOrdered(ReadOnlySpan<byte> links, ulong self, ScopeId scope)
    {
        var before = 0UL;
        for (var i = 0; i < links.Length; i += AdvertisedLink.Size)
        {
            var tag = BinaryPrimitives.ReadUInt64BigEndian(links[i..]);
            if ((i > 0 && tag <= before) || (tag == self && !scope.IsAttachments)) { return false; }
            before = tag;
        }
        return true;
    }

    /// <summary>What is read before anything is believed.</summary>
    internal readonly record struct Header(
        NodeId Node, ScopeId Scope, ulong Sequence, AdvertisementFlags Flags, uint Lifetime, int LinksAt, int LinkCount);
}
