using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Records;

/// <content>
/// <code>
/// record    = body ‖ signature (64)                                              at most 2,048 bytes
/// body      = NodeId (32) ‖ sequence u64 ‖ expiry u64 ‖ relays ‖ addresses ‖ anything a later version adds, which is ignored
/// relays    = count u8 (0–4) ‖ count × ( NodeId (32) ‖ addresses (0–4) ‖ length u8 ‖ URL, ASCII, wss://…, at most 128 )
/// addresses = count u8 (0–32) ‖ count × ( family u8: 4 or 6 ‖ address (4 or 16) ‖ port u16 )
/// signature = Ed25519( key of NodeId, "coco address record v1" ‖ body )
/// </code>
/// </content>
public sealed partial class AddressRecord
{
    /// <summary>Bytes a record may have. Ours are at most 1,674; the rest is room for later versions.</summary>
    public const int MaxLength = 2048;

    // A signature under this name is good for nothing else.
    private static ReadOnlySpan<byte> Domain => "coco address record v1"u8;

    /// <summary>Makes and signs a record.</summary>
    /// <param name="key">The node's key.</param>
    /// <param name="sequence">Higher than in any record of this node before.</param>
    /// <param name="expiry">Until when it holds, in seconds since 1970-01-01 UTC.</param>
    /// <param name="relays">Where the node is registered, at most <see cref="MaxRelays"/>.</param>
    /// <param name="addresses">Where the node listens, at most <see cref="MaxAddresses"/>.</param>
    public static AddressRecord Sign(
        IdentityKey key, ulong sequence, ulong expiry, IReadOnlyList<RelayInfo> relays, IReadOnlyList<NetworkAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(relays);
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(relays.Count, MaxRelays, nameof(relays));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addresses.Count, MaxAddresses, nameof(addresses));
        Span<byte> signed = stackalloc byte[Domain.Length + MaxLength];
        var writer = new SpanWriter(signed);
        writer.WriteBytes(Domain);
        key.Id.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteUInt64(sequence);
        writer.WriteUInt64(expiry);
        writer.WriteByte((byte)relays.Count);
        foreach (var relay in relays) { relay.Write(ref writer); }
        writer.WriteByte((byte)addresses.Count);
        foreach (var address in addresses)
        {
            if (!address.IsSendable) { throw new ArgumentException($"{address} is no address to send to.", nameof(addresses)); }
            address.Write(writer.Reserve(address.WireLength));
        }
        var length = writer.Position;
        key.Sign(signed[..length], signed.Slice(length, IdentityKey.SignatureSize));
        var encoded = signed[Domain.Length..(length + IdentityKey.SignatureSize)].ToArray();
        return new(key.Id, sequence, expiry, [.. relays], [.. addresses], encoded);
    }

    /// <summary>Reads and verifies a record. False for bytes that are none, or that the node they name did not sign.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AddressRecord? record)
    {
        record = null;
        if (bytes.Length is > MaxLength or < IdentityKey.SignatureSize) { return false; }
        var body = bytes[..^IdentityKey.SignatureSize];
        var reader = new SpanReader(body);
        if (!reader.TryReadBytes(NodeId.Size, out var idBytes)) { return false; }
        if (!reader.TryReadUInt64(out var sequence) || !reader.TryReadUInt64(out var expiry)) { return false; }
        if (!TryReadRelays(ref reader, out var relays)) { return false; }
        if (!RelayInfo.TryReadAddresses(ref reader, MaxAddresses, out var addresses)) { return false; }

        var id = NodeId.Read(idBytes);
        Span<byte> signed = stackalloc byte[Domain.Length + body.Length];
        Domain.CopyTo(signed);
        body.CopyTo(signed[Domain.Length..]);
        if (!id.VerifyRemembered(signed, bytes[^IdentityKey.SignatureSize..])) { return false; }
        record = new(id, sequence, expiry, relays, addresses, bytes.ToArray());
        return true;
    }

    private static bool TryReadRelays(ref SpanReader reader, out RelayInfo[] relays)
    {
        relays = [];
        if (!reader.TryReadByte(out var count) || count > MaxRelays) { return false; }
        if (count == 0) { return true; }
        var read = new RelayInfo[count];
        for (var i = 0; i < count; i++)
        {
            if (!RelayInfo.TryRead(ref reader, out var relay)) { return false; }
            read[i] = relay!;
        }
        relays = read;
        return true;
    }
}
