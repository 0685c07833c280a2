using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>A link over a WebSocket (RFC 6455): one binary message is one datagram.</summary>
internal sealed class WebSocketLink(Link link, WebSocket socket, BatchingStream stream, LinkOptions options, ILinkSink sink, TimeProvider time)
    : ReliableLink(link, options, sink, time)
{
    // Chosen: read of a peer that broke the rules, so that its end hears why before the connection goes.
    private const int MaxDrained = 1 << 20;

    private ValueTask<ValueWebSocketReceiveResult> _next; // the head of the next message, which may have to be waited for
    private bool _withinMessage;
    private byte[] _rest = [];
    private int _held;

    protected override async Task ReceiveAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            WaitForHead();
            while (_withinMessage || await IsNextBinaryAsync(cancellationToken).ConfigureAwait(false))
            {
                var batch = await RentBatchAsync(LinkBatch.BufferSize, cancellationToken).ConfigureAwait(false);
                if (batch is null) { return; }
                try
                {
                    await FillAsync(batch, cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    batch.Dispose();
                    throw;
                }
                Deliver(batch);
            }
            await AnswerCloseAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Hold(default);
        }
    }

    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        await stream.BeginAsync(cancellationToken).ConfigureAwait(false);
        while (frames.Length > 0)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(frames.Span);
            var datagram = frames.Slice(TcpFraming.LengthSize, length);
            await socket.SendAsync(datagram, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, CancellationToken.None).ConfigureAwait(false);
            frames = frames[(TcpFraming.LengthSize + length)..];
        }
        await stream.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask FinishSendingAsync(CancellationToken cancellationToken)
    {
        if (socket.State is not WebSocketState.Open) { return; }
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
    }

    // The platform's WebSocket registers with a token at each message. Most calls get none, and this ends them.
    protected override void Interrupt() => socket.Abort();

    protected override void Release()
    {
        socket.Dispose();
        stream.Dispose();
    }

#pragma warning disable CA2012 // a field, because the wait goes on while the batch before is delivered; it is consumed once
    // Without a buffer this ends when the head of a message is there, and keeps a thousand idle links small.
    private void WaitForHead() => _next = socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
#pragma warning restore CA2012

    /// <summary>Whether a datagram follows; false when the other end closes.</summary>
    private async ValueTask<bool> IsNextBinaryAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = await _next.ConfigureAwait(false);
            if (head.MessageType is WebSocketMessageType.Close) { return false; }
            if (head.MessageType is WebSocketMessageType.Text)
            {
                throw await RefuseAsync(WebSocketCloseStatus.InvalidMessageType, "sent text", cancellationToken).ConfigureAwait(false);
            }
            if (!head.EndOfMessage) { return true; }
            WaitForHead(); // an empty message is no datagram
        }
    }

    /// <summary>Reads the message whose head is there, and those behind it that have arrived.</summary>
    private async ValueTask FillAsync(LinkBatch batch, CancellationToken cancellationToken)
    {
        _rest.AsSpan(0, _held).CopyTo(batch.Buffer);
        var end = _held;
        while (true)
        {
            var part = await socket.ReceiveAsync(batch.Buffer.AsMemory(end), CancellationToken.None).ConfigureAwait(false);
            if (part.MessageType is WebSocketMessageType.Close) { throw new LinkException(LinkFailure.Reset, "closed within a message"); }
            end += part.Count;
            if (end - batch.Length > TcpFraming.MaxDatagram)
            {
                throw await RefuseAsync(WebSocketCloseStatus.MessageTooBig, "sent a message over 65,535 bytes", cancellationToken).ConfigureAwait(false);
            }
            _withinMessage = !part.EndOfMessage;
            if (_withinMessage && end < batch.Buffer.Length) { continue; }
            if (!_withinMessage && !TryGoOn(batch, end)) { break; }
            if (end == batch.Buffer.Length) { break; }
        }
        Hold(batch.Buffer.AsSpan(batch.Length, _withinMessage ? end - batch.Length : 0));
    }

    /// <summary>Notes a whole message. Whether one more has arrived and goes to the same batch.</summary>
    private bool TryGoOn(LinkBatch batch, int end)
    {
        if (end > batch.Length) { batch.Append(end - batch.Length); } // fragments may add up to nothing
        WaitForHead();
        if (!_next.IsCompletedSuccessfully || !batch.HasRoomForRun) { return false; }
        var head = _next.Result;
        _next = new(head);
        _withinMessage = head is { MessageType: WebSocketMessageType.Binary, EndOfMessage: false };
        return _withinMessage;
    }

    private void Hold(ReadOnlySpan<byte> rest)
    {
        if (_rest.Length > 0) { ArrayPool<byte>.Shared.Return(_rest); }
        _rest = rest.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(rest.Length);
        rest.CopyTo(_rest);
        _held = rest.Length;
    }

    private async ValueTask AnswerCloseAsync(CancellationToken cancellationToken)
    {
        if (socket.State is not WebSocketState.CloseReceived) { return; }
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes with a code of RFC 6455 §7.4.1, and reads on for a moment so that the other end gets it.</summary>
    private async ValueTask<LinkException> RefuseAsync(WebSocketCloseStatus status, string what, CancellationToken cancellationToken)
    {
        await socket.CloseOutputAsync(status, what, cancellationToken).ConfigureAwait(false);
        using var moment = StartCloseTimeout();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(moment.Token, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(LinkBatch.BufferSize);
        try
        {
            for (var drained = 0; drained < MaxDrained;)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), either.Token).ConfigureAwait(false);
                if (part.MessageType is WebSocketMessageType.Close) { break; }
                drained += part.Count + 1;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // It does not listen; the reason below stands.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return new(LinkFailure.NotARelay, what);
    }
}
