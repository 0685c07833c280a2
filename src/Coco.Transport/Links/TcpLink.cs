using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>A link over TCP without TLS: what it carries is encrypted already. Layout in <see cref="TcpFraming"/>.</summary>
internal sealed class TcpLink(Link link, Socket socket, LinkOptions options, ILinkSink sink, TimeProvider time)
    : ReliableLink(link, options, sink, time)
{
    private byte[] _rest = [];
    private int _held;

    /// <summary>Sends our preamble.</summary>
    public static async Task SendPreambleAsync(Socket socket, CancellationToken cancellationToken) =>
        await socket.SendAsync(TcpFraming.Preamble.ToArray(), cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the other end's preamble, and not a byte more.</summary>
    public static async Task ReceivePreambleAsync(Socket socket, CancellationToken cancellationToken)
    {
        var preamble = new byte[TcpFraming.PreambleLength];
        for (var read = 0; read < preamble.Length;)
        {
            var count = await socket.ReceiveAsync(preamble.AsMemory(read), cancellationToken).ConfigureAwait(false);
            if (count == 0) { throw new LinkException(LinkFailure.NotARelay, "closed without a preamble"); }
            read += count;
        }
        if (!TcpFraming.IsPreamble(preamble)) { throw new LinkException(LinkFailure.NotARelay, "answered something else than a preamble"); }
    }

    protected override async Task ReceiveAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // Waiting without a buffer keeps a thousand idle links small.
                if (_held == 0) { await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false); }
                var batch = await RentBatchAsync(SizeForHeld(), cancellationToken).ConfigureAwait(false);
                if (batch is null || !await FillAsync(batch, cancellationToken).ConfigureAwait(false)) { return; }
            }
        }
        finally
        {
            Hold(default);
        }
    }

    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        while (frames.Length > 0)
        {
            frames = frames[await socket.SendAsync(frames, cancellationToken).ConfigureAwait(false)..];
        }
    }

    protected override ValueTask FinishSendingAsync(CancellationToken cancellationToken)
    {
        socket.Shutdown(SocketShutdown.Send);
        return default;
    }

    protected override void Release() => socket.Dispose();

    /// <summary>Reads until there are whole frames, delivers them, and holds back what follows. False at the end of the stream.</summary>
    private async ValueTask<bool> FillAsync(LinkBatch batch, CancellationToken cancellationToken)
    {
        var delivered = false;
        try
        {
            var length = _held;
            _rest.AsSpan(0, _held).CopyTo(batch.Buffer);
            int consumed;
            while (true)
            {
                if (!TcpFraming.TryUnpack(batch.Buffer.AsSpan(0, length), batch, out consumed))
                {
                    throw new LinkException(LinkFailure.NotARelay, "sent a frame without a length");
                }
                if (batch.Count > 0 || length == batch.Buffer.Length) { break; }
                var count = await socket.ReceiveAsync(batch.Buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (count == 0) { return length == 0 ? false : throw new LinkException(LinkFailure.Reset, "closed within a frame"); }
                length += count;
            }
            Hold(batch.Buffer.AsSpan(consumed, length - consumed));
            delivered = true;
            Deliver(batch);
            return true;
        }
        finally
        {
            if (!delivered) { batch.Dispose(); }
        }
    }

    private int SizeForHeld() => _held < TcpFraming.LengthSize
        ? LinkBatch.BufferSize
        : Math.Max(LinkBatch.BufferSize, TcpFraming.LengthSize + BinaryPrimitives.ReadUInt16BigEndian(_rest));

    private void Hold(ReadOnlySpan<byte> rest)
    {
        // A batch is the owner's once it is delivered, so the beginning of the next frame waits in a buffer of its own.
        if (_rest.Length < rest.Length || rest.IsEmpty)
        {
            if (_rest.Length > 0) { ArrayPool<byte>.Shared.Return(_rest); }
            _rest = rest.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(rest.Length);
        }
        rest.CopyTo(_rest);
        _held = rest.Length;
    }
}
