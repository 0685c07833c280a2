using System.Buffers.Binary;

namespace Coco.Traversal.Stun;

/// <summary>Writes one message into a buffer of the caller, which is long enough: every message here has a known greatest length.</summary>
internal ref struct StunWriter
{
    private readonly Span<byte> _buffer;

    /// <summary>A message about Binding that starts a transaction.</summary>
    public StunWriter(Span<byte> buffer, StunClass kind, in TransactionId id)
        : this(buffer, kind)
    {
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        id.Write(buffer[8..]);
    }

    /// <summary>A message about Binding that answers one, which need not have the cookie.</summary>
    public StunWriter(Span<byte> buffer, StunClass kind, ReadOnlySpan<byte> cookieAndId)
        : this(buffer, kind) => cookieAndId.CopyTo(buffer[4..]);

    private StunWriter(Span<byte> buffer, StunClass kind)
    {
        _buffer = buffer;
        Length = StunMessage.HeaderLength;
        buffer[0] = (byte)((int)kind >> 1);
        buffer[1] = (byte)((((int)kind & 1) << 4) | StunMessage.BindingMethod);
        WriteLength(0);
    }

    public int Length { get; private set; }

    public void AddXorMappedAddress(in NetworkAddress address) =>
        StunAddress.Write(address, _buffer.Slice(4, 16), Add(StunAttributeType.XorMappedAddress, StunAddress.LengthOf(address)));

    public void AddAddress(ushort type, in NetworkAddress address) => StunAddress.Write(address, default, Add(type, StunAddress.LengthOf(address)));

    public void AddChangeRequest(StunChange change) => BinaryPrimitives.WriteUInt32BigEndian(Add(StunAttributeType.ChangeRequest, 4), (uint)change);

    /// <summary>RFC 5780 §7.5: the port, and two bytes that mean nothing.</summary>
    public void AddResponsePort(int port) => BinaryPrimitives.WriteUInt16BigEndian(Add(StunAttributeType.ResponsePort, 2), (ushort)port);

    public void AddSoftware(ReadOnlySpan<byte> name) => name.CopyTo(Add(StunAttributeType.Software, name.Length));

    /// <summary>§14.8: the hundreds and the rest of the code apart, then a phrase for people.</summary>
    public void AddErrorCode(int code, ReadOnlySpan<byte> phrase)
    {
        var value = Add(StunAttributeType.ErrorCode, 4 + phrase.Length);
        value[..2].Clear();
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        phrase.CopyTo(value[4..]);
    }

    public void AddUnknownAttributes(ReadOnlySpan<ushort> types)
    {
        var value = Add(StunAttributeType.UnknownAttributes, 2 * types.Length);
        for (var i = 0; i < types.Length; i++) { BinaryPrimitives.WriteUInt16BigEndian(value[(2 * i)..], types[i]); }
    }

    /// <summary>Always the last attribute (§14.7).</summary>
    public void AddFingerprint()
    {
        // The length in the header counts this attribute too when the CRC is taken.
        var before = Length;
        var value = Add(StunAttributeType.Fingerprint, StunFingerprint.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunFingerprint.Of(_buffer[..before]));
    }

    private Span<byte> Add(ushort type, int length)
    {
        var at = Length + StunMessage.AttributeHeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 2)..], (ushort)length);
        Length = at + StunMessage.Padded(length);
        _buffer[(at + length)..Length].Clear();
        WriteLength(Length - StunMessage.HeaderLength);
        return _buffer.Slice(at, length);
    }

    private readonly void WriteLength(int length) => BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)length);
}
