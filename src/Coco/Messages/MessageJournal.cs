using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Storage;
using Coco.Storage.Records;

namespace Coco.Messages;

/// <summary>
/// What a node has to deliver, and what its app has not completed: in memory as an index, with a log on disk where the node has a store.
/// All of it is under one lock, in which nothing is awaited. Nothing is sent, handed out or acknowledged before its record is on the disk.
/// </summary>
internal sealed partial class MessageJournal : IAsyncDisposable
{
    private readonly NodeMessages _messages;
    private readonly MessageOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, Outbox> _outboxes = [];
    private readonly Dictionary<(NodeId, ulong), Inbox> _inboxes = [];
    private readonly ReceivedQueue _queue = new();
    private readonly HashSet<AsyncSignal> _awaitCommit = []; // told when the next group is on the disk
    private readonly HashSet<Outbox> _awaitSending = [];
    private RecordLog? _log;
    private int _nextChannel = 1;
    private long _queuedBytes;
    private long _receivedBytes;
    private long _memory;
    private bool _isClosed;

    public MessageJournal(NodeMessages messages, MessageOptions options, TimeProvider time) => (_messages, _options, _time) = (messages, options, time);

    /// <summary>Something is there to be sent.</summary>
    public Action<Outbox>? Sendable { get; set; }

    /// <summary>What became of a message.</summary>
    public Action<Receipt>? Settled { get; set; }

    private long CommittedThrough => _log?.CommittedThrough ?? long.MaxValue;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens the log in its folder and reads what is in it.</summary>
    /// <exception cref="StoreException">It is damaged, or cannot be read.</exception>
    public void Open(string folder, ReadOnlySpan<byte> key)
    {
        var options = new RecordLogOptions { MaxRecordSize = _options.MaxMessageSize + 2048, BeforeWrite = _options.BeforeWrite };
        var log = RecordLog.Open(folder, key, options, Replay);
        _log = log;
        FinishReplay();
        log.Checkpoint = WriteCheckpoint;
        log.Committed = HandleCommitted;
        log.Failed = HandleFailed;
    }

    /// <summary>Writes what is to be written.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            _isClosed = true;
            foreach (var consumer in _queue.Consumers) { consumer.Signal.Close(); }
        }
        if (_log is not null) { await _log.DisposeAsync().ConfigureAwait(false); }
        SentMessage[] open;
        lock (_lock)
        {
            foreach (var outbox in _outboxes.Values) { outbox.IsClosed = true; }
            open = [.. _outboxes.Values.SelectMany(static outbox => outbox.All())];
        }
        foreach (var message in open) { message.Close(); }
    }

    // Under the lock.
    private long Append(JournalRecordKind kind, int channel, ulong value, bool isUrgent, out Task committed)
    {
        Span<byte> head = stackalloc byte[1 + (2 * VarInt.MaxLength)];
        var writer = new SpanWriter(head);
        writer.WriteByte((byte)kind);
        writer.WriteVarInt((ulong)channel);
        writer.WriteVarInt(value);
        return Append(writer.Written, default, isNeeded: false, isUrgent, out committed);
    }

    private long Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data, bool isNeeded, bool isUrgent, out Task committed)
    {
        committed = Task.CompletedTask;
        if (_log is null) { return 0; }
        try
        {
            return _log.Append(head, data, isNeeded, isUrgent, out committed);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    private long AppendContent(JournalRecordKind kind, int channel, byte? flags, in MessageContent content, out Task committed, out int length)
    {
        Span<byte> head = stackalloc byte[2 + VarInt.MaxLength + MessageContent.MaxOverhead];
        var writer = new SpanWriter(head);
        writer.WriteByte((byte)kind);
        writer.WriteVarInt((ulong)channel);
        if (flags is { } some) { writer.WriteByte(some); }
        content.WriteHead(ref writer);
        length = writer.Position + content.Data.Length;
        return Append(writer.Written, content.Data, isNeeded: true, isUrgent: true, out committed);
    }

    /// <summary>Waits for what was appended.</summary>
    internal static async Task StoredAsync(Task committed, CancellationToken cancellationToken = default)
    {
        if (committed.IsCompletedSuccessfully) { return; }
        try
        {
            await committed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    // The log's writer: what waited for this may go on.
    private void HandleCommitted(long through)
    {
        lock (_lock)
        {
            FinishRenewal(through);
            foreach (var signal in _awaitCommit) { signal.Set(); }
            _awaitCommit.Clear();
            foreach (var outbox in _awaitSending) { Sendable?.Invoke(outbox); }
            _awaitSending.Clear();
        }
        RenewOldest();
    }

    // The log's writer: these records are not on the disk. What rests on them is taken back, so that nothing is acknowledged that is not kept.
    private void HandleFailed(long first, long last, StoreException failure)
    {
        lock (_lock)
        {
            TakeBackRenewal();
            List<SentMessage> unsent = [];
            foreach (var outbox in _outboxes.Values) { outbox.RemoveFrom(first, unsent); }
            foreach (var message in unsent) { _queuedBytes -= message.Length; }
            foreach (var inbox in _inboxes.Values) { TakeBack(inbox, first); }
            TakeBackKept(first);
            foreach (var signal in _awaitCommit) { signal.Set(); }
            _awaitCommit.Clear();
            _awaitSending.Clear();
        }
        _messages.HandleStoreFailed(failure);
    }

    private bool KeepInMemory(int length)
    {
        if (_log is not null && _memory + length > _options.MaxMemory) { return false; }
        _memory += length;
        return true;
    }

    private byte[] ReadData(long number)
    {
        try
        {
            var record = _log?.TryRead(number) ?? throw new CocoException(CocoError.StoreFailed, "A stored message is not where it was. Start the node anew; if it happens again the store is damaged.");
            return ContentOf(record, out var content) ? content.Data.ToArray() : throw new CocoException(CocoError.StoreDamaged, "A stored message cannot be read. Start the node anew, which checks its store.");
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }
}
