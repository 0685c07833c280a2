using Coco.Cluster.Certificates;
using Coco.Cluster.Graph;
using Coco.Cluster.Statements;
using Coco.Quic.Packets;
using Coco.Traversal.Records;

namespace Coco.Cluster.Lookup;

/// <summary>
/// The bodies of frames 10 to 12 (DESIGN.md, "Open networks").
/// <code>
/// DirectoryPublish (10) = places u8 (1: identity, 2: name) ‖ length varint (0: none) ‖ address record, of the sender
/// DirectoryLookup (11)  = number varint ‖ key u64
/// DirectoryFound (12)   = number varint ‖ count u8 (0–16) ‖ count × ( length varint ‖ certificate ‖ length varint (0: none) ‖ address record )
/// key of a node         = SplitMix64's finaliser of its tag          key of a name = first 8 bytes of SHA-256 of its UTF-8
/// </code>
/// What a later version adds at the end is ignored.
/// </summary>
internal static class DirectoryFrames
{
    public const int MaxEntries = 16;

    private const int MaxEntry = NodeCertificate.MaxLength + AddressRecord.MaxLength + (2 * VarInt.MaxLength);

    // Below what a frame may have, so that one more entry always fits.
    private const int AnswerTarget = 32_768;

    public static byte[] Publication(DirectoryPlaces places, ReadOnlySpan<byte> addresses)
    {
        var body = new byte[1 + VarInt.MaxLength + addresses.Length];
        var writer = new SpanWriter(body);
        writer.WriteByte((byte)places);
        writer.WriteLengthBytes(addresses);
        return writer.Written.ToArray();
    }

    public static bool TryReadPublication(ReadOnlySpan<byte> body, out DirectoryPlaces places, out ReadOnlySpan<byte> addresses)
    {
        var reader = new SpanReader(body);
        var isRead = reader.TryReadByte(out var flags);
        places = (DirectoryPlaces)flags & (DirectoryPlaces.Identity | DirectoryPlaces.Name);
        addresses = default;
        return isRead && reader.TryReadVarIntBytes(out addresses) && addresses.Length <= AddressRecord.MaxLength;
    }

    public static byte[] Question(ulong number, NodeTag key)
    {
        var body = new byte[VarInt.MaxLength + NodeTag.Size];
        var writer = new SpanWriter(body);
        writer.WriteVarInt(number);
        writer.WriteUInt64(key.Value);
        return writer.Written.ToArray();
    }

    public static bool TryReadQuestion(ReadOnlySpan<byte> body, out ulong number, out NodeTag key)
    {
        var reader = new SpanReader(body);
        var value = 0ul;
        var isRead = reader.TryReadVarInt(out number) && reader.TryReadUInt64(out value);
        key = new(value);
        return isRead;
    }

    /// <summary>As many entries as fit.</summary>
    public static byte[] Answer(ulong number, IReadOnlyList<DirectoryEntry> entries)
    {
        var body = new byte[VarInt.MaxLength + 1 + Math.Min(entries.Sum(LengthOf), AnswerTarget + MaxEntry)];
        var writer = new SpanWriter(body);
        writer.WriteVarInt(number);
        var count = writer.Reserve(1);
        foreach (var entry in entries)
        {
            if (count[0] == MaxEntries || writer.Position > AnswerTarget) { break; }
            writer.WriteLengthBytes(entry.Certificate.Encoded.Span);
            writer.WriteLengthBytes((entry.Addresses?.Encoded ?? default).Span);
            count[0]++;
        }
        return writer.Written.ToArray();
    }

    public static bool TryReadAnswer(ReadOnlySpan<byte> body, out ulong number, out List<(ReadOnlyMemory<byte> Certificate, ReadOnlyMemory<byte> Addresses)> entries)
    {
        entries = [];
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out number) || !reader.TryReadByte(out var count) || count > MaxEntries) { return false; }
        for (; count > 0; count--)
        {
            if (!reader.TryReadVarIntBytes(out var certificate) || certificate.Length > NodeCertificate.MaxLength) { return false; }
            if (!reader.TryReadVarIntBytes(out var addresses) || addresses.Length > AddressRecord.MaxLength) { return false; }
            entries.Add((certificate.ToArray(), addresses.ToArray()));
        }
        return true;
    }

    private static int LengthOf(DirectoryEntry entry) => entry.Certificate.Encoded.Length + (entry.Addresses?.Encoded.Length ?? 0) + (2 * VarInt.MaxLength);
}
