using System.Buffers.Binary;

namespace Coco.ControlPlane.Certificates;

/// <summary>
/// The protocols that the beginning of a TLS connection offers, read before the platform does, which chooses the certificate without telling them.
/// <code>
/// record         = 22 ‖ version(2) ‖ length(2) ‖ fragment                                        RFC 8446 §5.1
/// client hello   = 1 ‖ length(3) ‖ version(2) ‖ random(32) ‖ session(1+) ‖ suites(2+) ‖ compression(1+) ‖ extensions(2+)   §4.1.2
/// extension      = type(2) ‖ length(2) ‖ data                                                    §4.2
/// protocols (16) = length(2) ‖ (length(1) ‖ name)*                                               RFC 7301 §3.1
/// </code>
/// </summary>
internal static class ClientHello
{
    /// <summary>Bytes before a record's fragment.</summary>
    public const int RecordHead = 5;

    private const int MaxFragment = 1 << 14; // RFC 8446 §5.1
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const ushort ProtocolNegotiation = 16; // RFC 7301 §6

    /// <summary>How long the first record is; 0 for what is no TLS, or has no hello.</summary>
    public static int RecordLength(ReadOnlySpan<byte> head)
    {
        if (head.Length < RecordHead || head[0] != HandshakeRecord || head[1] != 3) { return 0; }
        var length = BinaryPrimitives.ReadUInt16BigEndian(head[3..]);
        return length is > 0 and <= MaxFragment ? RecordHead + length : 0;
    }

    /// <summary>Whether a record is a client hello that offers this protocol and no other.</summary>
    public static bool OffersOnly(ReadOnlySpan<byte> record, ReadOnlySpan<byte> protocol)
    {
        if (record.Length < RecordHead + 4 || record[RecordHead] != ClientHelloMessage) { return false; }
        var rest = record[RecordHead..];
        var length = (rest[1] << 16) | (rest[2] << 8) | rest[3];
        if (length > rest.Length - 4) { return false; } // one in several records, which those that validate do not send
        rest = rest.Slice(4, length);
        if (rest.Length < 34) { return false; }
        rest = rest[34..];
        if (!TryTake(ref rest, 1, out _) || !TryTake(ref rest, 2, out _) || !TryTake(ref rest, 1, out _) || !TryTake(ref rest, 2, out var extensions)) { return false; }
        while (extensions.Length >= 4)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out var data)) { return false; }
            if (type == ProtocolNegotiation) { return TryTake(ref data, 2, out var names) && TryTake(ref names, 1, out var name) && names.IsEmpty && name.SequenceEqual(protocol); }
        }
        return false;
    }

    // What stands behind a length of so many bytes.
    private static bool TryTake(ref ReadOnlySpan<byte> from, int lengthSize, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (from.Length < lengthSize) { return false; }
        var length = lengthSize == 1 ? from[0] : BinaryPrimitives.ReadUInt16BigEndian(from);
        if (from.Length - lengthSize < length) { return false; }
        taken = from.Slice(lengthSize, length);
        from = from[(lengthSize + length)..];
        return true;
    }
}
