using System.Buffers;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Media;

/// <content>What goes on the streams.</content>
internal sealed partial class TrackSender
{
    // Chosen: an object up to this goes to the transport together with what stands before it.
    private const int SmallObject = 16 << 10;

    private async Task OpenAsync(QueueEntry entry, TimeSpan left)
    {
        using var late = new CancellationTokenSource(left, _subscriber.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stopped);
        _stream = await _subscriber.OpenAsync(new(_subscriber.Number, _track.Number, _previous, entry.Place), either.Token).ConfigureAwait(false);
        _previous = entry.Place.Sequence;
        (_streamDueAt, _onStream) = (entry.DueAt, 0);
        _leftOut.Clear();
    }

    private async ValueTask WriteAsync(ConnectionStream stream, LiveObject item)
    {
        await WriteLeftOutAsync(stream).ConfigureAwait(false);
        var isSmall = item.Body.Length <= SmallObject;
        var buffer = ArrayPool<byte>.Shared.Rent((2 * VarInt.MaxLength) + (isSmall ? item.Body.Length : 0));
        try
        {
            var length = WriteRecord(buffer, GroupRecord.Object, item.Body, isSmall);
            await stream.WriteAsync(buffer.AsMemory(0, length), _stopped).ConfigureAwait(false);
            if (!isSmall) { await stream.WriteAsync(item.Body, _stopped).ConfigureAwait(false); }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteLeftOutAsync(ConnectionStream stream)
    {
        if (_leftOut.Count == 0) { return; }
        if (_leftOut.TrueForAll(static one => one.Leaf is not null))
        {
            var buffer = new byte[_leftOut.Count * (2 + LiveObject.HashSize)];
            var length = 0;
            foreach (var one in _leftOut) { length += WriteRecord(buffer.AsSpan(length), GroupRecord.Leaf, one.Leaf); }
            await stream.WriteAsync(buffer.AsMemory(0, length), _stopped).ConfigureAwait(false);
        }
        else
        {
            var count = new byte[VarInt.Length((ulong)_leftOut.Count)];
            VarInt.Write(count, (ulong)_leftOut.Count);
            var record = new byte[2 + count.Length];
            WriteRecord(record, GroupRecord.LeftOut, count);
            await stream.WriteAsync(record, _stopped).ConfigureAwait(false);
        }
        _next = _next with { Index = _next.Index + _leftOut.Count };
        _leftOut.Clear();
    }

    private async Task WriteSignatureAsync(LiveSignature signature)
    {
        if (signature.Count > _next.Index + _leftOut.Count) { return; }
        var stream = _stream!;
        try
        {
            await WriteLeftOutAsync(stream).ConfigureAwait(false);
            var body = new byte[VarInt.Length((ulong)signature.Count) + signature.Bytes.Length];
            signature.Bytes.CopyTo(body.AsSpan(VarInt.Write(body, (ulong)signature.Count)));
            var record = new byte[3 + body.Length];
            var length = WriteRecord(record, GroupRecord.Signature, body);
            await stream.WriteAsync(record.AsMemory(0, length), _stopped).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or TransportException)
        {
            GiveUp();
        }
    }

    private async Task EndGroupAsync()
    {
        var stream = _stream!;
        var now = _subscriber.Now;
        (_stream, _beforeLeftAt) = (null, now + _rate.Left(now));
        try
        {
            // What was left out at the end is told by the sequence of the next group.
            await stream.CompleteWritesAsync(_stopped).ConfigureAwait(false);
            _finishing.Add((stream, _streamDueAt)); // disposed of, it could not be reset any more
        }
        catch (Exception exception) when (exception is TimeoutException or TransportException)
        {
            stream.Abort((ulong)WireError.Late);
        }
        EndLate();
    }

    private void GiveUp()
    {
        if (_stream is not null)
        {
            _stream.Abort((ulong)WireError.Late);
            var now = _subscriber.Now;
            _rate.HandleGivenUp(now, _beforeLeftAt > now ? _beforeLeftAt - now : TimeSpan.Zero);
        }
        _stream = null;
        _leftOut.Clear();
    }

    private static int WriteRecord(Span<byte> destination, GroupRecord type, ReadOnlySpan<byte> body, bool writesBody = true)
    {
        var writer = new SpanWriter(destination);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        if (writesBody) { writer.WriteBytes(body); }
        return writer.Position;
    }
}
