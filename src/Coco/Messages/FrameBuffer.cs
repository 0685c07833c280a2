using System.Buffers;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <summary>Frames on their way out, many in one write.</summary>
internal sealed class FrameBuffer : IDisposable
{
    private const int KeptSize = 512 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void WriteMessage(in MessageContent content)
    {
        var length = content.Length;
        var writer = Begin(MessageFrameType.Message, length);
        content.Write(ref writer);
        Length += writer.Position;
    }

    /// <summary>A frame with numbers.</summary>
    public void Write(MessageFrameType type, params ReadOnlySpan<ulong> values) => Write(type, values, default);

    /// <summary>A frame with numbers, and bytes behind them.</summary>
    public void Write(MessageFrameType type, ReadOnlySpan<ulong> values, ReadOnlySpan<byte> rest, ReadOnlySpan<byte> more = default)
    {
        var length = rest.Length + more.Length;
        foreach (var value in values) { length += VarInt.Length(value); }
        var writer = Begin(type, length);
        foreach (var value in values) { writer.WriteVarInt(value); }
        writer.WriteBytes(rest);
        writer.WriteBytes(more);
        Length += writer.Position;
    }

    public void Clear()
    {
        Length = 0;
        if (_buffer.Length <= KeptSize) { return; } // one large message is no reason to keep so much
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private SpanWriter Begin(MessageFrameType type, int length)
    {
        var needed = Length + (2 * VarInt.MaxLength) + length;
        if (needed > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _buffer.Length));
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var writer = new SpanWriter(_buffer.AsSpan(Length));
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)length);
        return writer;
    }
}
