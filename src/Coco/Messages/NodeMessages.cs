using System.Runtime.CompilerServices;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Storage;
using Coco.Storing;
using Coco.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Messages;

/// <summary>
/// Messages of a node: from this node to others, which need not be there, and from them to this one's app. A message is delivered when it is on the
/// receiver's disk; it is handed to the receiver's app in the order in which this node sent it, again after a crash, and never after it was completed.
/// A node without a store keeps its messages in memory. Thread-safe.
/// </summary>
public sealed partial class NodeMessages : IAsyncDisposable
{
    private readonly MemberLoop _loop;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityKey _key; // the node's, which disposes of it
    private readonly MessageJournal _journal;
    private readonly SessionPool<MessageSession> _sessions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private bool _isClosed;

    internal NodeMessages(MemberLoop loop, NodeOptions options, IdentityKey key)
    {
        (_loop, _options, _time, _key) = (loop, options, options.TimeProvider, key);
        _logger = options.LoggerFactory?.CreateLogger("Coco.Messages") ?? (ILogger)NullLogger.Instance;
        _journal = new(this, options.Messages, _time) { Sendable = Start };
        _sessions = new(loop, SessionUse.Messages, static connection => new(connection), _time);
        loop.Serve(SessionUse.Messages, ServeAsync);
        loop.Tasks.TryRun(WatchAsync);
        _timer = _time.CreateTimer(_ => Tick(), null, TickTime, TickTime);
    }

    private static readonly TimeSpan TickTime = TimeSpan.FromSeconds(1);

    /// <summary>Sends a message. When it returns, the message is on this node's disk, and goes out as soon as there is a way.</summary>
    /// <param name="to">The receiver: a member that need not be there now.</param>
    /// <param name="data">At most <see cref="MessageOptions.MaxMessageSize"/> bytes.</param>
    /// <param name="options">What it is about, and how long it is kept.</param>
    /// <param name="cancellationToken">Ends the wait; the message is sent all the same.</param>
    /// <exception cref="CocoException">It is not sent: the disk is full (<see cref="CocoError.StoreFull"/>), or too much waits already (<see cref="CocoError.Overloaded"/>).</exception>
    public async Task<SentMessage> SendAsync(NodeId to, ReadOnlyMemory<byte> data, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var begun = MessagingMetrics.Begin();
        try
        {
            var message = Send(to, data, options, out var committed);
            await MessageJournal.StoredAsync(committed, cancellationToken).ConfigureAwait(false);
            MessagingMetrics.Done(MessagingOperation.SendMessage, begun, message.Subject, id: begun == 0 ? null : message.Id.ToString());
            return message;
        }
        catch (Exception exception) when (MessagingMetrics.Failed(MessagingOperation.SendMessage, begun, options?.Subject ?? "", exception))
        {
            throw; // never comes here
        }
    }

    /// <summary>Sends a message to several nodes: to each by itself, with a receipt of its own.</summary>
    /// <inheritdoc cref="SendAsync(NodeId, ReadOnlyMemory{byte}, SendOptions?, CancellationToken)"/>
    public async Task<IReadOnlyList<SentMessage>> SendAsync(IEnumerable<NodeId> to, ReadOnlyMemory<byte> data, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        cancellationToken.ThrowIfCancellationRequested();
        var committed = Task.CompletedTask;
        var messages = new List<SentMessage>();
        var begun = MessagingMetrics.Begin();
        try
        {
            foreach (var node in to.Distinct()) { messages.Add(Send(node, data, options, out committed)); } // each ends no later than the last
            await MessageJournal.StoredAsync(committed, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (MessagingMetrics.Failed(MessagingOperation.SendMessage, begun, options?.Subject ?? "", exception))
        {
            throw; // never comes here
        }
        MessagingMetrics.Done(MessagingOperation.SendMessage, begun, options?.Subject ?? "", messages.Count);
        return messages;
    }

    /// <summary>
    /// Messages for this node, as they come, each sender's in order. Those that are not completed are handed out again, when the enumeration ends or
    /// the node is started anew. Where several enumerations ask for the same, each message goes to one of them. Ends when the node is disposed.
    /// </summary>
    /// <param name="subject">Messages with this subject; null for those with subjects that no other enumeration asks for.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public async IAsyncEnumerable<ReceivedMessage> ReceiveAsync(string? subject = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var consumer = _journal.Consume(subject);
        try
        {
            while (!_isClosed)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_journal.TryTake(consumer) is { } message)
                {
                    message.HandedOutAt = MessagingMetrics.HandedOut(message.IsRequest ? MessagingOperation.ProcessRequest : MessagingOperation.ProcessMessage);
                    yield return message;
                }
                else if (!await consumer.Signal.WaitAsync(cancellationToken).ConfigureAwait(false)) { yield break; }
            }
        }
        finally
        {
            _journal.End(consumer);
        }
    }

    /// <summary>Opens what is kept on disk; the node's part, before its loop starts.</summary>
    internal async Task OpenAsync(MemberStore? store)
    {
        if (store is null || _options.StorePath is not { } path || _options.StorePolicy is not StorePolicy.Full) { return; }
        try
        {
            var key = await store.KeyOfAsync("messages").ConfigureAwait(false);
            await Task.Run(() => _journal.Open(path + ".messages", key)).ConfigureAwait(false);
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    /// <summary>What this node keeps for another, for tests.</summary>
    internal IReadOnlyList<byte[]> KeptFor(NodeId receiver) => [.. _journal.KeptFor(receiver).Select(_journal.ReadKept).OfType<byte[]>()];

    internal void HandleStoreFailed(StoreException failure) => _logger.MessagesNotStored(_loop.Self, failure);

    internal void Complete(ReceivedMessage message)
    {
        NoteProcessed(message);
        if (!message.IsRequest) { _journal.Complete(message, isUrgent: false, out _); }
    }

    internal Task CompleteAsync(ReceivedMessage message)
    {
        NoteProcessed(message);
        if (message.IsRequest) { return Task.CompletedTask; }
        _journal.Complete(message, isUrgent: true, out var committed);
        return MessageJournal.StoredAsync(committed);
    }

    internal async Task ReplyAsync(ReceivedMessage message, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (message.Request is { } request)
        {
            CheckSend(request.From, data.Length);
            NoteProcessed(message);
            request.Desk.Answer(request, data);
            return;
        }
        await SendAsync(message.From, data, new() { Subject = message.Subject }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops sending and receiving, as disposing of the node does, whose part it is.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed) { return; }
        _isClosed = true;
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        StopCouriers();
        StopRequests();
        EndReceipts();
        Volatile.Read(ref _files)?.Received.Writer.TryComplete();
        await _sessions.CloseAsync().ConfigureAwait(false);
        await _journal.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static void NoteProcessed(ReceivedMessage message)
    {
        var begun = message.HandedOutAt;
        if (begun == 0) { return; }
        message.HandedOutAt = 0;
        var operation = message.IsRequest ? MessagingOperation.ProcessRequest : MessagingOperation.ProcessMessage;
        MessagingMetrics.Processed(operation, begun, message.Subject, message.From, message.Id.ToString());
    }

    private SentMessage Send(NodeId to, ReadOnlyMemory<byte> data, SendOptions? options, out Task committed)
    {
        CheckSend(to, data.Length);
        var subject = options?.Subject ?? "";
        return _journal.Send(to, subject, MessageContent.EncodeSubject(subject), data.Span, options?.TimeToLive ?? _options.Messages.TimeToLive, out committed);
    }

    private void CheckSend(NodeId to, int length)
    {
        if (to.IsDefault) { throw new ArgumentException("The receiver is missing.", nameof(to)); }
        if (to == _loop.Self) { throw new CocoException(CocoError.Invalid, "This is the node itself: send to another member."); }
        if (length > _options.Messages.MaxMessageSize)
        {
            throw new CocoException(CocoError.Invalid, $"The message has {length} bytes; at most {_options.Messages.MaxMessageSize} are allowed. Send a file instead.");
        }
        if (_loop.View.IsRemoved) { throw Failures.SelfRemoved(); }
    }
}
