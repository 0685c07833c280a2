using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Streams;

/// <summary>
/// The handshake bytes of one encryption level, both ways (RFC 9000 §19.6): ordered like a stream, with neither flow control nor an
/// end. What may wait behind a gap is capped instead (§7.5).
/// </summary>
internal sealed class CryptoStream(StreamPool pool, int maxReceiveBuffer = CryptoStream.DefaultMaxReceiveBuffer)
{
    /// <summary>64 KiB: §7.5 asks for 4,096 bytes at least; a long certificate chain fits many times over.</summary>
    public const int DefaultMaxReceiveBuffer = 1 << 16;

    private const int MaxRanges = 64;

    private SendBuffer? _send;
    private ReceiveBuffer? _receive;

    /// <summary>Bytes wait to be sent, or to be sent again.</summary>
    public bool HasData => _send is { } send && (send.HasLost || send.Next < send.End);

    /// <summary>Everything written so far has been acknowledged.</summary>
    public bool IsAllAcked => _send is null or { IsAllAcked: true };

    public void Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) { return; }
        _send ??= new();
        _send.Write(data, pool);
    }

    public QuicErrorCode HandleCrypto(ulong offset, ReadOnlySpan<byte> data)
    {
        if (offset > VarInt.Max - (ulong)data.Length) { return QuicErrorCode.FrameEncodingError; }
        _receive ??= new();
        if ((long)offset + data.Length - _receive.ReadOffset > maxReceiveBuffer) { return QuicErrorCode.CryptoBufferExceeded; }
        _receive.Write((long)offset, data, pool);
        return _receive.RangeCount > MaxRanges ? QuicErrorCode.CryptoBufferExceeded : QuicErrorCode.NoError;
    }

    /// <summary>The bytes that can be read next, at most a block.</summary>
    public ReadOnlySpan<byte> PeekRead() => _receive is { } receive ? receive.Peek() : default;

    public void AdvanceRead(int count) => _receive?.Advance(count, pool);

    /// <summary>Writes one CRYPTO frame; false when there is nothing to send or it does not fit.</summary>
    public bool TryWriteFrame(Span<byte> destination, out StreamFrameSent sent, out int written)
    {
        sent = default;
        written = 0;
        if (!HasData) { return false; }

        var range = _send!.HasLost ? _send.FirstLost : new ByteRange(_send.Next, _send.End);
        var available = (int)Math.Min(range.Length, destination.Length);
        if (!FrameWriter.TryWriteCryptoHeader(destination, (ulong)range.Start, available, out var header, out var length))
        {
            return false;
        }

        _send.CopyTo(range.Start, destination.Slice(header, length));
        written = header + length;
        _send.OnSent(range.Start, length);
        sent = new(-1, (ulong)range.Start, length, Fin: false);
        return true;
    }

    public void OnAcked(in StreamFrameSent sent) => _send?.OnAcked((long)sent.Offset, sent.Length, pool);

    public void OnLost(in StreamFrameSent sent) => _send?.OnLost((long)sent.Offset, sent.Length);

    /// <summary>Sends again all that is not acknowledged: for a probe (RFC 9002 §6.2.4) or after a Retry.</summary>
    public void Resend() => _send?.OnLost(0, (int)_send.Next);

    /// <summary>Returns the buffers: the level's keys are gone.</summary>
    public void Release()
    {
        _send?.Discard(pool);
        _receive?.Discard(pool);
        _send = null;
        _receive = null;
    }
}
