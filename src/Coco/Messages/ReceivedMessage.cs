using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A message of another node's. It is kept here until it is completed.</summary>
public sealed class ReceivedMessage
{
    private readonly NodeMessages _messages;
    private ReadOnlyMemory<byte>? _data;

    internal ReceivedMessage(NodeMessages messages, Inbox inbox, ulong sequence, string subject, int length, long sentAt)
    {
        (_messages, Inbox, Sequence, Subject, Length) = (messages, inbox, sequence, subject, length);
        (From, Id, SentAt) = (inbox.Sender, new(inbox.Lineage, sequence), DateTimeOffset.FromUnixTimeMilliseconds(sentAt));
    }

    internal ReceivedMessage(NodeMessages messages, PendingRequest request, MessageId id, string subject, ReadOnlyMemory<byte> data, DateTimeOffset sentAt)
    {
        (_messages, Request, Subject, Length, _data) = (messages, request, subject, data.Length, data);
        (From, Id, SentAt) = (request.From, id, sentAt);
    }

    /// <summary>What it is known by, with its sender: the same whenever it is handed out again.</summary>
    public MessageId Id { get; }

    /// <summary>Who sent it.</summary>
    public NodeId From { get; }

    /// <summary>What it is about.</summary>
    public string Subject { get; }

    /// <summary>When it was sent, by the sender's clock.</summary>
    public DateTimeOffset SentAt { get; }

    /// <summary>Its bytes' count.</summary>
    public int Length { get; }

    /// <summary>The data.</summary>
    public ReadOnlyMemory<byte> Data => _data ?? throw new InvalidOperationException("The message was not handed out yet.");

    /// <summary>Whether it was handed out before and not completed: because the program ended, or an enumeration did.</summary>
    public bool IsRedelivered { get; internal set; }

    /// <summary>Whether the sender waits for <see cref="ReplyAsync"/>. Requests are not stored, and completing one does nothing.</summary>
    public bool IsRequest => Request is not null;

    /// <summary>Whether it is completed.</summary>
    public bool IsCompleted { get; internal set; }

    internal Inbox? Inbox { get; }

    internal PendingRequest? Request { get; }

    internal ulong Sequence { get; }

    /// <summary>Its record in the log, and how long that is.</summary>
    internal long Number { get; set; }

    internal int RecordLength { get; set; }

    /// <summary>The record that says that it was handed out.</summary>
    internal long HandedOutNumber { get; set; }

    /// <summary>The sequence before which it is not handed out.</summary>
    internal ulong Previous { get; set; }

    /// <summary>Whose it is, while an enumeration has it.</summary>
    internal MessageConsumer? Consumer { get; set; }

    internal bool HasData => _data is not null;

    /// <summary>Says that the app is done with it. When it returns that is on the disk, and the message is never handed out again.</summary>
    public Task CompleteAsync() => _messages.CompleteAsync(this);

    /// <summary>The same without waiting for the disk: should the machine fail in the next moment, the message may be handed out again. Costs least.</summary>
    public void Complete() => _messages.Complete(this);

    /// <summary>Answers: a request once, with data that its sender waits for; any other message by one of the same subject to its sender.</summary>
    /// <param name="data">The answer.</param>
    /// <param name="cancellationToken">Ends the wait; an answer that is stored by then is sent.</param>
    public Task ReplyAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => _messages.ReplyAsync(this, data, cancellationToken);

    /// <summary>When the app got it, as its telemetry has it; 0 where nobody wants to know, or it is done.</summary>
    internal long HandedOutAt { get; set; }

    internal void SetData(ReadOnlyMemory<byte> data) => _data = data;
}
