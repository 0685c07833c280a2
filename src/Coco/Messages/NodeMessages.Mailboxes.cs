using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <content>
/// Mailboxes: members with a tag, which keep messages for receivers that are away. They see who writes to whom, how much and when, and can read and forge
/// nothing. What the sender keeps it sends by itself too, as soon as it can; the receiver takes whatever comes first.
/// </content>
public sealed partial class NodeMessages
{
    // Chosen: a question that is answered from memory, over a path with long delays; so long each of an older mailbox's senders waits before it gives without asking.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    // Chosen: 30 s, a minute, and so on up to 16 minutes.
    private const int MaxDoublings = 5;

    private readonly Lock _mailboxLock = new(); // guards the two below, and what mailboxes have of each queue
    private readonly HashSet<(NodeId Mailbox, NodeId Receiver)> _depositing = [];
    private readonly HashSet<NodeId> _fetching = [];

    private long _deposited; // bytes

    /// <summary>Bytes of messages that were sent to mailboxes, and how often in a row one had no room for all that waits for a receiver, for tests.</summary>
    internal (long Bytes, int Refusals) DepositsWith(NodeId mailbox, NodeId receiver)
    {
        lock (_mailboxLock) { return (_deposited, _journal.Find(receiver)?.Deposited.GetValueOrDefault(mailbox).Failures ?? 0); }
    }

    private bool IsMailbox(MemberInfo member) => member.Tags.Contains(_options.Messages.MailboxTag);

    // Once a second for each queue: a receiver that is away for a while gets its messages by mailboxes, the same for all senders as long as they are there.
    private void Deposit(Outbox outbox)
    {
        if (_options.Messages.MailboxCopies == 0) { return; }
        var members = _loop.View.Members;
        if (members.FirstOrDefault(member => member.Id == outbox.Peer) is not { IsReachable: false }) { return; }
        var mailboxes = members.Where(member => IsMailbox(member) && member.IsReachable && member.Id != _loop.Self && member.Id != outbox.Peer)
            .OrderByDescending(member => WeightOf(member.Id, outbox.Peer)).Take(_options.Messages.MailboxCopies);
        foreach (var mailbox in mailboxes)
        {
            lock (_mailboxLock)
            {
                var (upTo, retryAt, _) = outbox.Deposited.GetValueOrDefault(mailbox.Id);
                if (retryAt > _time.GetTimestamp() || upTo + 1 >= outbox.NextSequence || !_depositing.Add((mailbox.Id, outbox.Peer))) { continue; }
            }
            if (!_loop.Tasks.TryRun(() => DepositAsync(outbox, mailbox.Id))) { return; }
        }
    }

    private async Task DepositAsync(Outbox outbox, NodeId mailbox)
    {
        ulong upTo;
        int failures;
        lock (_mailboxLock) { (upTo, _, failures) = outbox.Deposited.GetValueOrDefault(mailbox); }
        var isTaken = false;
        try
        {
            if (_journal.CollectDeposits(outbox, upTo, _time.GetUtcNow() - _options.Messages.MailboxDelay).Count == 0)
            {
                isTaken = failures == 0;
                return;
            }
            var room = await OverMailboxAsync(mailbox, async stream =>
            {
                using var reader = new FrameReader(stream, maxBody: 1024);
                var answer = await AskAsync(stream, reader).ConfigureAwait(false);
                if (answer is not null) { isTaken = await DepositAllAsync(stream, reader, outbox, upTo, answer.Value, kept => upTo = Math.Max(upTo, kept)).ConfigureAwait(false); }
                return answer;
            }).ConfigureAwait(false);
            if (room is not null) { return; }
            // Anew, as nobody knows what has become of that stream. What there is no room for is refused when it comes.
            await OverMailboxAsync(mailbox, async stream =>
            {
                using var reader = new FrameReader(stream, maxBody: 1024);
                return isTaken = await DepositAllAsync(stream, reader, outbox, upTo, (ulong.MaxValue, ulong.MaxValue, ulong.MaxValue), kept => upTo = Math.Max(upTo, kept)).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or TransportException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            _logger.NotCarried(mailbox, exception.Message);
        }
        finally
        {
            failures = isTaken ? 0 : failures + 1;
            lock (_mailboxLock)
            {
                outbox.Deposited[mailbox] = (upTo, isTaken ? 0 : After(RetryOf(failures)), failures);
                _depositing.Remove((mailbox, outbox.Peer));
            }
        }
    }

    // A mailbox that is full stays so for a while: twice as long each time.
    internal static TimeSpan RetryOf(int failures) => AbsentRetry * (1 << Math.Min(failures - 1, MaxDoublings));

    // False where there is no room. What comes behind a message that is not kept would only wait for it at the receiver, so it is not given either.
    private async Task<bool> DepositAllAsync(ConnectionStream stream, FrameReader reader, Outbox outbox, ulong upTo, (ulong Count, ulong Bytes, ulong Longest) room, Action<ulong> kept)
    {
        using var frames = new FrameBuffer();
        while (_journal.CollectDeposits(outbox, upTo, _time.GetUtcNow() - _options.Messages.MailboxDelay) is { Count: > 0 } messages)
        {
            var given = Write(frames, outbox, messages, ref room);
            if (given > 0) { await stream.WriteAsync(frames.Written, _stopping.Token).ConfigureAwait(false); }
            frames.Clear();
            for (var answered = 0; answered < given;)
            {
                if (!await reader.ReadAsync(_stopping.Token).ConfigureAwait(false)) { return false; }
                while (TryTakeKept(reader, out var sequence, out var isKept))
                {
                    if (!isKept) { return false; }
                    upTo = Math.Max(upTo, sequence);
                    kept(upTo);
                    answered++;
                }
            }
            if (given < messages.Count) { return false; }
        }
        return true;
    }

    // As many as there is room for, in their order; they are sealed only then.
    private int Write(FrameBuffer frames, Outbox outbox, List<(SentMessage Message, ulong Previous, byte[] Data)> messages, ref (ulong Count, ulong Bytes, ulong Longest) room)
    {
        var lineage = outbox.Lineage;
        for (var given = 0; given < messages.Count; given++)
        {
            var (message, previous, data) = messages[given];
            var content = new MessageContent
            {
                Sequence = message.Sequence, Previous = previous, SentAtMs = message.SentAtMs, ExpiresMs = message.ExpiresMs, Subject = message.SubjectBytes, Data = data,
            };
            var length = (ulong)(content.Length + MailboxSeal.Overhead);
            if (room.Count == 0 || length > room.Bytes || length > room.Longest || MailboxSeal.TrySeal(_key, _loop.Network, outbox.Peer, lineage, content) is not { } box) { return given; }
            (room.Count, room.Bytes) = (room.Count - 1, room.Bytes - length);
            WriteDeposit(frames, outbox.Peer, lineage, message, box);
            Interlocked.Add(ref _deposited, box.Length);
        }
        return messages.Count;
    }

    // What there is room for. Null where the mailbox does not say: one of a release that does not know the question skips it, or ends the stream.
    private async Task<(ulong Count, ulong Bytes, ulong Longest)?> AskAsync(ConnectionStream stream, FrameReader reader)
    {
        using var frames = new FrameBuffer();
        using var patience = new CancellationTokenSource(AnswerTime, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
        frames.Write(MessageFrameType.Ask);
        try
        {
            await stream.WriteAsync(frames.Written, both.Token).ConfigureAwait(false);
            while (await reader.ReadAsync(both.Token).ConfigureAwait(false))
            {
                while (TryTakeRoom(reader, out var isIt, out var room))
                {
                    if (isIt) { return room; }
                }
            }
        }
        catch (Exception exception) when (exception is TransportException || (exception is OperationCanceledException && !_stopping.IsCancellationRequested))
        {
            // Refused, or not answered. Where the connection is lost, the next stream says so.
        }
        return null;
    }

    private static bool TryTakeRoom(FrameReader reader, out bool isIt, out (ulong Count, ulong Bytes, ulong Longest) room)
    {
        (isIt, room) = (false, default);
        if (!reader.TryTake(out var type, out var body)) { return false; }
        var parts = new SpanReader(body);
        isIt = type is MessageFrameType.Room && parts.TryReadVarInt(out room.Count) && parts.TryReadVarInt(out room.Bytes) && parts.TryReadVarInt(out room.Longest);
        return true;
    }

    private static void WriteDeposit(FrameBuffer frames, NodeId to, ulong lineage, SentMessage message, byte[] box)
    {
        Span<byte> rest = stackalloc byte[VarInt.MaxLength + NodeId.Size + sizeof(ulong) + (2 * VarInt.MaxLength)];
        var writer = new SpanWriter(rest);
        to.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteUInt64(lineage);
        writer.WriteVarInt(message.Sequence);
        writer.WriteVarInt((ulong)message.ExpiresMs);
        frames.Write(MessageFrameType.Deposit, [message.Sequence], writer.Written, box);
    }

    private static bool TryTakeKept(FrameReader reader, out ulong sequence, out bool isKept)
    {
        (sequence, isKept) = (0, false);
        while (reader.TryTake(out var type, out var body))
        {
            if (type is not MessageFrameType.Kept) { continue; }
            var parts = new SpanReader(body);
            isKept = parts.TryReadVarInt(out sequence) && parts.TryReadVarInt(out var code) && code == 0;
            return true;
        }
        return false;
    }

    private void FetchAll()
    {
        foreach (var member in _loop.View.Members.Where(member => IsMailbox(member) && member.IsReachable)) { Fetch(member.Id); }
    }

    // From a mailbox that has come within reach, has something, or was not asked for a while.
    private void Fetch(NodeId peer)
    {
        if (peer == _loop.Self || _loop.View.Members.FirstOrDefault(member => member.Id == peer) is not { } member || !IsMailbox(member)) { return; }
        lock (_mailboxLock)
        {
            if (!_fetching.Add(peer)) { return; }
        }
        _loop.Tasks.TryRun(() => FetchAsync(peer));
    }

    private async Task FetchAsync(NodeId mailbox)
    {
        try
        {
            await OverMailboxAsync(mailbox, async stream =>
            {
                await FetchAsync(stream).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or TransportException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            _logger.NotCarried(mailbox, exception.Message);
        }
        finally
        {
            lock (_mailboxLock) { _fetching.Remove(mailbox); }
        }
    }

    private async Task FetchAsync(ConnectionStream stream)
    {
        using var frames = new FrameBuffer();
        using var reader = new FrameReader(stream, _options.Messages.MaxMessageSize + MessageContent.MaxOverhead + MailboxSeal.Overhead + 128);
        frames.Write(MessageFrameType.Fetch);
        await stream.WriteAsync(frames.Written, _stopping.Token).ConfigureAwait(false);
        frames.Clear();
        var isEnd = false;
        while (!isEnd && await reader.ReadAsync(_stopping.Token).ConfigureAwait(false))
        {
            while (TakeItem(reader, out isEnd, out var item))
            {
                if (item is not null && await TakeItemAsync(item).ConfigureAwait(false)) { frames.Write(MessageFrameType.Taken, item.Number); }
            }
        }
        await _journal.FlushAsync().ConfigureAwait(false); // the mailbox is told once it is on this disk
        if (frames.Length > 0) { await stream.WriteAsync(frames.Written, _stopping.Token).ConfigureAwait(false); }
        await stream.CompleteWritesAsync(_stopping.Token).ConfigureAwait(false);
        await reader.ReadAsync(_stopping.Token).ConfigureAwait(false); // the mailbox's end: it has read ours
    }

    private sealed record Item(ulong Number, NodeId From, ulong Lineage, byte[] Box);

    private static bool TakeItem(FrameReader reader, out bool isEnd, out Item? item)
    {
        (isEnd, item) = (false, null);
        if (!reader.TryTake(out var type, out var body)) { return false; }
        isEnd = type is MessageFrameType.ItemsEnd;
        if (type is not MessageFrameType.Item) { return !isEnd; }
        var parts = new SpanReader(body);
        if (parts.TryReadVarInt(out var number) && parts.TryReadBytes(NodeId.Size, out var from) && parts.TryReadUInt64(out var lineage))
        {
            item = new(number, NodeId.Read(from), lineage, parts.ReadToEnd().ToArray());
        }
        return true;
    }

    // True where the mailbox need not keep it any more: it is stored here, or is no message.
    private async Task<bool> TakeItemAsync(Item item)
    {
        if (MailboxSeal.TryOpen(_key, _loop.Network, item.From, item.Lineage, item.Box) is not { } bytes) { return true; }
        if (!await _loop.AskAsync((member, _) => member.IsMember(item.From), _stopping.Token).ConfigureAwait(false)) { return false; }
        return !MessageContent.TryParse(bytes, _options.Messages.MaxMessageSize, out var content) || _journal.TryReceive(item.From, item.Lineage, content);
    }

    // A mailbox tells a receiver that is there of what came for it.
    private void Notice(NodeId receiver)
    {
        if (_loop.Connections.ContainsKey(receiver)) { _loop.Tasks.TryRun(() => NoticeAsync(receiver)); }
    }

    private async Task NoticeAsync(NodeId receiver)
    {
        try
        {
            await OverMailboxAsync(receiver, async stream =>
            {
                using var frames = new FrameBuffer();
                frames.Write(MessageFrameType.Notice);
                await stream.WriteAsync(frames.Written, _stopping.Token).ConfigureAwait(false);
                await stream.CompleteWritesAsync(_stopping.Token).ConfigureAwait(false);
                return await stream.ReadAsync(new byte[1], _stopping.Token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or TransportException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            _logger.NotCarried(receiver, exception.Message);
        }
    }

    private async Task<T> OverMailboxAsync<T>(NodeId peer, Func<ConnectionStream, Task<T>> work)
    {
        var session = await _sessions.UseAsync(peer, _stopping.Token).ConfigureAwait(false);
        try
        {
            var header = StreamHeader.Of(StreamKind.Message, session.Connection.Number, (ulong)MessageStreamType.Mailbox);
            var stream = await session.Connection.OpenWithAsync(header, _stopping.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false)) { return await work(stream).ConfigureAwait(false); }
        }
        finally
        {
            _sessions.Release(session);
        }
    }

    private Task ServeMailboxAsync(NodeId peer, ConnectionStream stream)
    {
        var isMailbox = _loop.View.Members.FirstOrDefault(member => member.Id == _loop.Self) is { } self && IsMailbox(self);
        return new MailboxServer(peer, stream, _journal, _options.Messages, isMailbox, Notice, () => Fetch(peer)).RunAsync();
    }

    // Rendezvous hashing: each pair of mailbox and receiver has a weight of its own.
    private static ulong WeightOf(NodeId mailbox, NodeId receiver)
    {
        Span<byte> bytes = stackalloc byte[2 * NodeId.Size], hash = stackalloc byte[SHA256.HashSizeInBytes];
        mailbox.CopyTo(bytes);
        receiver.CopyTo(bytes[NodeId.Size..]);
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
