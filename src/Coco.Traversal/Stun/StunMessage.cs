using System.Buffers.Binary;

namespace Coco.Traversal.Stun;

// A message (RFC 8489 §5), all numbers big-endian:
//
//   0                   1                   2                   3
//   |0 0|  type: method and class  |     length of the attributes    |
//   |                  magic cookie 0x2112A442                       |
//   |                  transaction id, 96 bits                       |
//   | type of an attribute         |     length of its value         |   each attribute starts at a multiple of 4;
//   | value, padded to a multiple of 4 ...                           |   the length does not count the padding

/// <summary>A STUN message that was received and is well formed: reading its attributes cannot fail.</summary>
internal readonly ref struct StunMessage
{
    public const int HeaderLength = 20;
    public const int AttributeHeaderLength = 4;
    public const uint MagicCookie = 0x2112_A442;
    public const int BindingMethod = 1;

    /// <summary>Longer ones are not read: what we ask and answer has less than 200 bytes, and RFC 8489 §6.1 wants all to fit the path.</summary>
    public const int MaxLength = 1280;

    private readonly ReadOnlySpan<byte> _bytes;

    private StunMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public StunClass Class => (StunClass)(((_bytes[0] & 1) << 1) | ((_bytes[1] >> 4) & 1));

    public int Method => ((_bytes[0] & 0x3E) << 6) | ((_bytes[1] & 0xE0) >> 1) | (_bytes[1] & 0x0F);

    /// <summary>Without the cookie it is of RFC 3489's time, and the cookie's place belongs to the transaction id.</summary>
    public bool HasMagicCookie => BinaryPrimitives.ReadUInt32BigEndian(_bytes[4..]) == MagicCookie;

    public TransactionId TransactionId => TransactionId.Read(_bytes[8..]);

    /// <summary>Cookie and transaction id: what an answer repeats, and what XOR-MAPPED-ADDRESS is mixed with.</summary>
    public ReadOnlySpan<byte> CookieAndId => _bytes.Slice(4, 4 + TransactionId.Length);

    public int Length => _bytes.Length;

    public StunAttributes GetEnumerator() => new(_bytes);

    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        // §5: the top two bits are zero. QUIC sets the second (RFC 9000 §17), so both can share a port.
        if (datagram.Length is < HeaderLength or > MaxLength || (datagram[0] & 0xC0) != 0) { return false; }

        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length % 4 != 0 || datagram.Length != HeaderLength + length) { return false; }

        for (var at = HeaderLength; at < datagram.Length;)
        {
            // Both lengths are multiples of 4, so a header is always there as a whole.
            at += AttributeHeaderLength + Padded(BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]));
            if (at > datagram.Length) { return false; }
        }
        message = new(datagram);
        return true;
    }

    /// <summary>The first attribute of a type (§14: of equals only the first counts).</summary>
    public bool TryFind(ushort type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type != type) { continue; }
            value = attribute.Value;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>The code of an ERROR-CODE (§14.8), 300 to 699; 0 when there is none or it makes no sense.</summary>
    public int ErrorCode
    {
        get
        {
            if (!TryFind(StunAttributeType.ErrorCode, out var value) || value.Length < 4) { return 0; }
            var (hundreds, rest) = (value[2] & 7, value[3]);
            return hundreds is >= 3 and <= 6 && rest <= 99 ? (100 * hundreds) + rest : 0;
        }
    }

    /// <summary>Whether nothing is wrong with the FINGERPRINT (§14.7), which may also not be there.</summary>
    public bool HasFingerprint(out bool isRight)
    {
        isRight = true;
        if (!TryFind(StunAttributeType.Fingerprint, out var value)) { return false; }
        var before = _bytes.Length - AttributeHeaderLength - StunFingerprint.Length;
        // It is the last attribute, or it covers not all that was sent.
        isRight = value.Length == StunFingerprint.Length && BinaryPrimitives.ReadUInt16BigEndian(_bytes[before..]) == StunAttributeType.Fingerprint
            && BinaryPrimitives.ReadUInt32BigEndian(value) == StunFingerprint.Of(_bytes[..before]);
        return true;
    }

    internal static int Padded(int length) => (length + 3) & ~3;
}
