using System.Buffers.Binary;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>One stream on which a peer's requests come, and their answers go back.</summary>
internal sealed class RequestServer(ConnectionStream stream, RequestDesk desk, MessageOptions options)
{
    private readonly AsyncSignal _signal = new();

    public async Task RunAsync()
    {
        using var reader = new FrameReader(stream, options.MaxMessageSize + MessageContent.MaxOverhead);
        var answering = AnswerAsync();
        try
        {
            var hasBegun = false;
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                if (!TakeAll(reader, ref hasBegun)) { break; }
            }
            if (reader.IsMalformed) { stream.Abort((ulong)WireError.Malformed); }
        }
        finally
        {
            desk.End(_signal);
            _signal.Close();
            stream.Abort((ulong)WireError.Unused);
            await answering.ConfigureAwait(false);
        }
    }

    private bool TakeAll(FrameReader reader, ref bool hasBegun)
    {
        while (reader.TryTake(out var type, out var body))
        {
            if (type is MessageFrameType.Begin && !hasBegun)
            {
                if (!VarInt.TryRead(body, out _, out var length) || body.Length < length + sizeof(ulong)) { return false; }
                desk.Begin(BinaryPrimitives.ReadUInt64BigEndian(body[length..]), _signal);
                hasBegun = true;
            }
            else if (type is MessageFrameType.Request or MessageFrameType.Withdraw && (!hasBegun || !desk.Handle(type, body)))
            {
                stream.Abort((ulong)WireError.TooMany);
                return false;
            }
        }
        return true;
    }

    private async Task AnswerAsync()
    {
        try
        {
            using var frames = new FrameBuffer();
            while (await _signal.WaitAsync(default).ConfigureAwait(false))
            {
                while (desk.TakeAnswers(frames))
                {
                    await stream.WriteAsync(frames.Written).ConfigureAwait(false);
                    frames.Clear();
                }
            }
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException or InvalidOperationException)
        {
            // The stream is over: the peer asks again on another.
        }
        stream.Abort((ulong)WireError.Unused);
    }
}
