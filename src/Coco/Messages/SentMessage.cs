using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A message of this node's that is kept here until it is delivered.</summary>
public sealed class SentMessage
{
    private TaskCompletionSource<Receipt>? _delivered;
    private Receipt? _receipt;

    internal SentMessage(Outbox outbox, ulong sequence, string subject, int length, long sentAt, long expires) =>
        (Outbox, Sequence, Subject, Length, SentAtMs, ExpiresMs) = (outbox, sequence, subject, length, sentAt, expires);

    /// <summary>What it is known by.</summary>
    public MessageId Id => new(Outbox.Lineage, Sequence);

    /// <summary>Its receiver.</summary>
    public NodeId To => Outbox.Peer;

    /// <summary>What it is about.</summary>
    public string Subject { get; }

    /// <summary>Its bytes.</summary>
    public int Length { get; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset SentAt => DateTimeOffset.FromUnixTimeMilliseconds(SentAtMs);

    /// <summary>When it is given up.</summary>
    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeMilliseconds(ExpiresMs);

    /// <summary>What has become of it.</summary>
    public ReceiptStatus Status => Volatile.Read(ref _receipt)?.Status ?? ReceiptStatus.Queued;

    /// <summary>Completes when it is delivered or given up; or fails, when the node is disposed before: the message stays in the node's store.</summary>
    public Task<Receipt> Delivered
    {
        get
        {
            if (Volatile.Read(ref _delivered) is { } known) { return known.Task; }
            var made = new TaskCompletionSource<Receipt>(TaskCreationOptions.RunContinuationsAsynchronously);
            var source = Interlocked.CompareExchange(ref _delivered, made, null) ?? made;
            if (Volatile.Read(ref _receipt) is { } receipt) { source.TrySetResult(receipt); }
            else if (Outbox.IsClosed) { source.TrySetException(Disposed()); }
            return source.Task;
        }
    }

    internal byte[] SubjectBytes { get; init; } = [];

    internal Outbox Outbox { get; }

    internal ulong Sequence { get; }

    internal long SentAtMs { get; }

    internal long ExpiresMs { get; }

    /// <summary>Its record in the log, and how long that is.</summary>
    internal long Number { get; set; }

    internal int RecordLength { get; set; }

    /// <summary>The data, where it is in memory.</summary>
    internal byte[]? Data { get; set; }

    internal bool IsSettled => Volatile.Read(ref _receipt) is not null;

    internal void Settle(ReceiptStatus status, DateTimeOffset time)
    {
        Volatile.Write(ref _receipt, new(new(Outbox.Lineage, Sequence), Outbox.Peer, status, time));
        Interlocked.MemoryBarrier(); // either Delivered sees the receipt, or this sees its source
        Volatile.Read(ref _delivered)?.TrySetResult(_receipt!);
    }

    /// <summary>The node is disposed of.</summary>
    internal void Close() => Volatile.Read(ref _delivered)?.TrySetException(Disposed());

    private static ObjectDisposedException Disposed() => new(nameof(Node), "The node is disposed. The message is in its store, if it has one, and goes out when the node is started again.");
}
