using System.Buffers.Binary;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>One stream on which a sender's messages come: stores them, and tells the sender what is stored.</summary>
internal sealed class MessageReceiver(NodeConnection connection, ConnectionStream stream, MessageJournal journal, MessageOptions options)
{
    private readonly AsyncSignal _stored = new();
    private readonly AsyncSignal _read = new();

    public void Abort() => stream.Abort((ulong)WireError.Unused);

    public async Task RunAsync()
    {
        using var reader = new FrameReader(stream, options.MaxMessageSize + MessageContent.MaxOverhead);
        if (await HearFirstAsync(reader).ConfigureAwait(false) is not { } lineage)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        Inbox inbox;
        int epoch;
        ulong upTo;
        try
        {
            inbox = journal.Begin(connection.PeerId, lineage, _stored, out epoch, out upTo);
        }
        catch (CocoException)
        {
            stream.Abort((ulong)WireError.TooMany);
            return;
        }
        var telling = TellAsync(inbox, upTo);
        try
        {
            await ReadAsync(reader, inbox, epoch).ConfigureAwait(false);
        }
        finally
        {
            _stored.Close();
            await telling.ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(FrameReader reader, Inbox inbox, int epoch)
    {
        do
        {
            if (!TakeAll(reader, inbox, epoch)) { return; }
            while (!journal.HasRoom(inbox))
            {
                if (!await _read.WaitAsync(default).ConfigureAwait(false)) { return; }
            }
        }
        while (await reader.ReadAsync().ConfigureAwait(false));
        if (reader.IsMalformed) { stream.Abort((ulong)WireError.Malformed); }
    }

    private bool TakeAll(FrameReader reader, Inbox inbox, int epoch)
    {
        try
        {
            while (reader.TryTake(out var type, out var body))
            {
                if (type is not MessageFrameType.Message) { continue; }
                if (!MessageContent.TryParse(body, options.MaxMessageSize, out var content) || content.Previous != 0)
                {
                    stream.Abort((ulong)WireError.Malformed);
                    return false;
                }
                if (!journal.Receive(inbox, epoch, content))
                {
                    stream.Abort((ulong)WireError.Unused);
                    return false;
                }
            }
            return true;
        }
        catch (CocoException)
        {
            stream.Abort((ulong)WireError.TooMany); // the disk takes nothing: the sender comes again
            return false;
        }
    }

    private static async Task<ulong?> HearFirstAsync(FrameReader reader)
    {
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            while (reader.TryTake(out var type, out var body))
            {
                if (type is not MessageFrameType.Begin) { continue; }
                return VarInt.TryRead(body, out var version, out var length) && version >= 1 && body.Length >= length + sizeof(ulong)
                    ? BinaryPrimitives.ReadUInt64BigEndian(body[length..])
                    : null;
            }
        }
        return null;
    }

    // What is on the disk, as often as that changes and one such message can be sent.
    private async Task TellAsync(Inbox inbox, ulong told)
    {
        try
        {
            using var frames = new FrameBuffer();
            frames.Write(MessageFrameType.Have, told);
            await stream.WriteAsync(frames.Written).ConfigureAwait(false);
            bool isOpen;
            do
            {
                isOpen = await _stored.WaitAsync(default).ConfigureAwait(false);
                _read.Set();
                var upTo = journal.StoredUpToOf(inbox);
                if (upTo <= told) { continue; }
                told = upTo;
                frames.Clear();
                frames.Write(MessageFrameType.Stored, upTo);
                await stream.WriteAsync(frames.Written).ConfigureAwait(false);
            }
            while (isOpen);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException or InvalidOperationException)
        {
            // The stream is over, which whoever reads is told.
        }
        finally
        {
            _read.Close();
            stream.Abort((ulong)WireError.Unused);
        }
    }
}
