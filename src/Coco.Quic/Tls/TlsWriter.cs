using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Quic.Tls;

/// <summary>
/// Writes the presentation language of RFC 8446 §3. A vector is begun, filled and ended, which sets its length.
/// </summary>
internal sealed class TlsWriter : IDisposable
{
    /// <summary>Holds every message of the raw-key profile, so that only certificate chains of tests make it grow.</summary>
    private const int InitialCapacity = 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialCapacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Dispose()
    {
        if (_buffer.Length != 0) { ArrayPool<byte>.Shared.Return(_buffer); }
        _buffer = [];
        Length = 0;
    }

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>The next <paramref name="count"/> bytes, for the caller to fill at once.</summary>
    public Span<byte> Take(int count)
    {
        if (_buffer.Length - Length < count) { Grow(count); }
        var taken = _buffer.AsSpan(Length, count);
        Length += count;
        return taken;
    }

    /// <summary>
    /// Leaves room for a length of <paramref name="lengthSize"/> bytes and returns what <see cref="EndVector"/> needs.
    /// </summary>
    public int BeginVector(int lengthSize)
    {
        Take(lengthSize).Clear();
        return Length;
    }

    public void EndVector(int start, int lengthSize)
    {
        var length = Length - start;
        for (var i = 1; i <= lengthSize; i++)
        {
            _buffer[start - i] = (byte)length;
            length >>= 8;
        }
    }

    /// <summary>Begins a handshake message: its type and room for its length (RFC 8446 §4).</summary>
    public int BeginMessage(HandshakeType type)
    {
        WriteByte((byte)type);
        return BeginVector(3);
    }

    /// <summary>Ends a handshake message and returns it, header included, for the transcript.</summary>
    public ReadOnlySpan<byte> EndMessage(int start)
    {
        EndVector(start, 3);
        return _buffer.AsSpan(start - 4, Length - start + 4);
    }

    /// <summary>Begins an extension: its type and room for the length of its data (RFC 8446 §4.2).</summary>
    public int BeginExtension(ExtensionType type)
    {
        WriteUInt16((ushort)type);
        return BeginVector(2);
    }

    public void EndExtension(int start) => EndVector(start, 2);

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, Length + count));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
