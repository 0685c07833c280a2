using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Cluster.Discovery;

/// <summary>
/// What a member tells the others on its LAN, sealed.
/// <code>
/// presence = version u8: 1 ‖ NodeId 32 ‖ count u8 (0–8) × address ‖ anything a later version adds, zeros to the end: 200 bytes
/// TXT      = "v=1", "s=" ‖ sealed presence                                                                       (RFC 6763 §6)
/// </code>
/// </summary>
internal sealed record LanPresence(NodeId Node, IReadOnlyList<NetworkAddress> Addresses)
{
    public const int MaxAddresses = 8;
    public const int Length = 200;

    private const byte Version = 1;

    public byte[] EncodeText(DiscoveryKey key, ReadOnlySpan<byte> nonce)
    {
        // Of one length, whatever is in it: how many addresses a node has would tie its names to each other.
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Version);
        Node.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteByte((byte)Math.Min(Addresses.Count, MaxAddresses));
        foreach (var address in Addresses.Take(MaxAddresses)) { address.Write(writer.Reserve(address.WireLength)); }
        var sealedBytes = key.Seal(nonce, bytes);
        return [3, .. "v=1"u8, (byte)(2 + sealedBytes.Length), .. "s="u8, .. sealedBytes];
    }

    public static bool TryDecodeText(DiscoveryKey key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> text, [NotNullWhen(true)] out LanPresence? presence)
    {
        presence = null;
        var strings = new SpanReader(text);
        while (strings.TryReadByteLengthBytes(out var item))
        {
            if (!item.StartsWith("s="u8)) { continue; }
            return key.TryOpen(nonce, item[2..], out var plaintext) && TryDecode(plaintext, out presence);
        }
        return false;
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out LanPresence? presence)
    {
        presence = null;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadBytes(NodeId.Size, out var node)) { return false; }
        if (!RelayInfo.TryReadAddresses(ref reader, MaxAddresses, out var addresses)) { return false; }
        presence = new(NodeId.Read(node), addresses);
        return true;
    }
}
