using System.Buffers;

namespace Coco.Quic.Tls;

/// <summary>
/// Cuts a CRYPTO stream into handshake messages (RFC 8446 §4). A message that arrives whole is used where it lies; only the
/// pieces of one that does not are copied.
/// <code>
/// struct {
///     HandshakeType msg_type;    1 byte
///     uint24 length;             3 bytes, of the body
///     body
/// } Handshake;
/// </code>
/// </summary>
internal struct MessageBuffer
{
    public const int HeaderLength = 4;

    private byte[]? _held;
    private int _heldLength;

    /// <summary>
    /// The header of the message being read, as soon as its 4 bytes are there: it is judged before the body is waited for.
    /// </summary>
    public bool TryPeekHeader(ref ReadOnlySpan<byte> data, out HandshakeType type, out int length)
    {
        (type, length) = (default, 0);
        ReadOnlySpan<byte> header = data;
        if (_heldLength > 0)
        {
            Hold(ref data, Math.Max(0, HeaderLength - _heldLength));
            header = _held.AsSpan(0, _heldLength);
        }

        if (header.Length < HeaderLength)
        {
            Hold(ref data, data.Length);
            return false;
        }

        type = (HandshakeType)header[0];
        length = (header[1] << 16) | (header[2] << 8) | header[3];
        return true;
    }

    /// <summary>The whole message, header included, valid until the next call. The caller has checked its length.</summary>
    public bool TryTake(ref ReadOnlySpan<byte> data, int length, out ReadOnlySpan<byte> message)
    {
        var total = HeaderLength + length;
        if (_heldLength == 0 && data.Length >= total)
        {
            message = data[..total];
            data = data[total..];
            return true;
        }

        message = default;
        Hold(ref data, Math.Min(data.Length, total - _heldLength), total);
        if (_heldLength < total) { return false; }
        message = _held.AsSpan(0, total);
        _heldLength = 0;
        return true;
    }

    /// <summary>Returns the memory. To be called when nothing is held or the handshake is over.</summary>
    public void Release()
    {
        if (_held is not null) { ArrayPool<byte>.Shared.Return(_held, clearArray: true); }
        (_held, _heldLength) = (null, 0);
    }

    /// <summary>Returns the memory unless a message is under way.</summary>
    public void ReleaseIfEmpty()
    {
        if (_heldLength == 0) { Release(); }
    }

    private void Hold(ref ReadOnlySpan<byte> data, int count, int capacity = HeaderLength)
    {
        count = Math.Min(count, data.Length);
        if (_held is null || _held.Length < Math.Max(capacity, _heldLength + count))
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, _heldLength + count));
            _held.AsSpan(0, _heldLength).CopyTo(larger);
            if (_held is not null) { ArrayPool<byte>.Shared.Return(_held); }
            _held = larger;
        }

        data[..count].CopyTo(_held.AsSpan(_heldLength));
        _heldLength += count;
        data = data[count..];
    }
}
