using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>One stream of a peer's to this node, which is a mailbox: takes what is for others, hands out what is for the peer.</summary>
internal sealed class MailboxServer(NodeId peer, ConnectionStream stream, MessageJournal journal, MessageOptions options, bool isMailbox, Action<NodeId> notice, Action fetch)
{
    private const int WriteSize = 128 << 10;

    private readonly MailboxIntake _intake = new(peer, journal, isMailbox);
    private FrameBuffer _frames = null!; // while it runs
    private bool _isAskedFor;

    private int LongestFrame => options.MaxMessageSize + MessageContent.MaxOverhead + MailboxSeal.Overhead + 128;

    public async Task RunAsync()
    {
        using var frames = new FrameBuffer();
        _frames = frames;
        using var reader = new FrameReader(stream, LongestFrame);
        try
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                if (!TakeAll(reader))
                {
                    stream.Abort((ulong)WireError.Malformed);
                    return;
                }
                await MessageJournal.StoredAsync(_intake.Committed).ConfigureAwait(false);
                await AnswerAsync().ConfigureAwait(false);
            }
            await stream.CompleteWritesAsync().ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (CocoException)
        {
            stream.Abort((ulong)WireError.TooMany); // the disk takes nothing
        }
    }

    private bool TakeAll(FrameReader reader)
    {
        while (reader.TryTake(out var type, out var body))
        {
            switch (type)
            {
                case var _ when options.Manner?.Invoke(type) is { } manner and not MailboxManner.Read:
                    if (manner is MailboxManner.Refuse) { return false; }
                    break;
                case MessageFrameType.Deposit when !TryKeep(body): return false;
                case MessageFrameType.Ask: WriteRoom(); break;
                case MessageFrameType.Fetch: _isAskedFor = true; break;
                case MessageFrameType.Taken when VarInt.TryRead(body, out var number, out _): journal.Drop(peer, number); break;
                case MessageFrameType.Notice: fetch(); break;
            }
        }
        return !reader.IsMalformed;
    }

    private bool TryKeep(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || !reader.TryReadBytes(NodeId.Size, out var to) || !reader.TryReadUInt64(out var lineage)) { return false; }
        if (!reader.TryReadVarInt(out var sequence) || !reader.TryReadVarInt(out var expires) || expires > long.MaxValue / 2) { return false; }
        var receiver = NodeId.Read(to);
        _frames.Write(MessageFrameType.Kept, number, (ulong)_intake.Take(receiver, lineage, sequence, (long)expires, reader.ReadToEnd()));
        return true;
    }

    private void WriteRoom()
    {
        var (count, bytes) = isMailbox ? journal.RoomFor(peer) : default;
        _frames.Write(MessageFrameType.Room, (ulong)count, (ulong)bytes, (ulong)(options.MaxMessageSize + MessageContent.MaxOverhead + MailboxSeal.Overhead));
    }

    private async Task AnswerAsync()
    {
        if (_isAskedFor)
        {
            _isAskedFor = false;
            foreach (var kept in journal.KeptFor(peer))
            {
                if (journal.ReadKept(kept) is not { } box) { continue; }
                WriteItem(kept, box);
                if (_frames.Length >= WriteSize) { await FlushAsync().ConfigureAwait(false); }
            }
            _frames.Write(MessageFrameType.ItemsEnd);
        }
        await FlushAsync().ConfigureAwait(false);
        foreach (var receiver in _intake.TakeReceivers()) { notice(receiver); }
    }

    private void WriteItem(KeptMessage kept, ReadOnlySpan<byte> box)
    {
        Span<byte> rest = stackalloc byte[NodeId.Size + sizeof(ulong)];
        kept.From.CopyTo(rest);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(rest[NodeId.Size..], kept.Lineage);
        _frames.Write(MessageFrameType.Item, [kept.Number], rest, box);
    }

    private async Task FlushAsync()
    {
        if (_frames.Length == 0) { return; }
        await stream.WriteAsync(_frames.Written).ConfigureAwait(false);
        _frames.Clear();
    }
}
