using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal.Records;

namespace Coco.Cluster.Invitations;

/// <summary>
/// Joining without a connection: the newcomer's node hands out this, signed, on whatever medium there is; an inviter imports it, admits
/// the node and hands back an <see cref="AdmissionInformation"/>.
/// <code>
/// text = "coconode1" ‖ base32( body ‖ signature 64 ‖ checksum 4 )
/// body = version u8: 1 ‖ network 32 (zeros: any) ‖ node 32 ‖ wish (as in Join) ‖ address record (varint length, 0 for none, ‖ bytes)
///        ‖ anything a later version adds, which is signed and ignored                                                   at most 3,072 bytes
/// signature = Ed25519( node, "coco node information v1" ‖ body )
/// </code>
/// </summary>
internal sealed record NodeInformation(NetworkId Network, NodeId Node, JoinWish Wish, AddressRecord? Addresses)
{
    public const int MaxLength = 3072;

    private const string Prefix = "coconode1";
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Domain => "coco node information v1"u8;

    public static string Export(IdentityKey key, NetworkId network, JoinWish wish, AddressRecord? addresses)
    {
        if (addresses is not null && addresses.Id != key.Id) { throw new ArgumentException("The address record is another node's.", nameof(addresses)); }
        Span<byte> signed = stackalloc byte[Domain.Length + MaxLength];
        var writer = new SpanWriter(signed);
        writer.WriteBytes(Domain);
        writer.WriteByte(Version);
        network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        key.Id.CopyTo(writer.Reserve(NodeId.Size));
        wish.Write(ref writer);
        writer.WriteVarInt((ulong)(addresses?.Encoded.Length ?? 0));
        if (addresses is not null) { writer.WriteBytes(addresses.Encoded.Span); }
        var length = writer.Position;
        key.Sign(signed[..length], signed.Slice(length, IdentityKey.SignatureSize));
        return ArmouredText.Write(Prefix, signed[Domain.Length..(length + IdentityKey.SignatureSize)]);
    }

    /// <summary>Reads and verifies. False for a text that is none, or that its node did not sign.</summary>
    public static bool TryImport(ReadOnlySpan<char> text, [NotNullWhen(true)] out NodeInformation? information)
    {
        information = null;
        return ArmouredText.TryRead(Prefix, text, MaxLength, out var bytes) && TryRead(bytes, out information);
    }

    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NodeInformation? information)
    {
        information = null;
        if (bytes.Length is > MaxLength or < IdentityKey.SignatureSize) { return false; }
        var body = bytes[..^IdentityKey.SignatureSize];
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadBytes(NetworkId.Size, out var network)) { return false; }
        if (!reader.TryReadBytes(NodeId.Size, out var nodeBytes) || !JoinWish.TryRead(ref reader, out var wish)) { return false; }
        if (!reader.TryReadVarIntBytes(out var recordBytes)) { return false; }
        var node = NodeId.Read(nodeBytes);
        if (!node.Verify([.. Domain, .. body], bytes[^IdentityKey.SignatureSize..])) { return false; }
        AddressRecord? record = null;
        if (!recordBytes.IsEmpty && (!AddressRecord.TryRead(recordBytes, out record) || record!.Id != node)) { return false; }
        information = new(new(NodeId.Read(network)), node, wish, record);
        return true;
    }
}
