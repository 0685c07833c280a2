using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Coco.Traversal;
using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport.Links;

/// <summary>
/// The TCP and WebSocket links of an endpoint: opens, listens, and tells the owner's loop what happens (<see cref="ILinkSink"/>).
/// Its methods may be called from any thread and do not wait.
/// </summary>
internal sealed partial class LinkSet : IAsyncDisposable
{
    private readonly ILinkSink _sink;
    private readonly LinkOptions _options;
    private readonly Func<AddressFamily, Socket> _sockets;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Admissions _admissions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<int, Entry> _links = [];

    private readonly Lock _gate = new(); // guards the four below; no sink is called while it is held
    private readonly HashSet<Task> _tasks = [];
    private readonly List<Socket> _listeners = [];
    private readonly Dictionary<NetworkAddress, Meeting> _meetings = []; // requests that the other end's connection will answer
    private bool _stopped;

    private int _number;
    private int _opening;

    /// <summary>A set without links.</summary>
    /// <param name="sink">Who is told.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="sockets">Makes the TCP sockets; the system's by default.</param>
    /// <param name="time">The clock of deadlines.</param>
    /// <param name="logger">Gets what happens to links, at level Debug.</param>
    public LinkSet(ILinkSink sink, LinkOptions? options = null, Func<AddressFamily, Socket>? sockets = null, TimeProvider? time = null, ILogger? logger = null)
    {
        _sink = sink;
        _options = options ?? new();
        _sockets = sockets ?? LinkSockets.Make;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _admissions = new(_options);
    }

    /// <summary>Links that live.</summary>
    public int Count => _links.Count;

    /// <summary>Connections turned away because of a limit.</summary>
    public long Rejected => _admissions.Rejected;

    /// <summary>Queues datagrams, all of one size but the last. False when the link is gone, or when some did not fit and are lost.</summary>
    public bool TrySend(in Link link, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        TryGet(link, out var found) && found.TrySend(datagrams, segmentSize);

    /// <summary>The same, and says whether the link is full now: <see cref="ILinkSink.Writable"/> tells when more may come.</summary>
    public bool TrySend(in Link link, ReadOnlySpan<byte> datagrams, int segmentSize, out bool isFull)
    {
        isFull = false;
        return TryGet(link, out var found) && found.TrySend(datagrams, segmentSize, out isFull);
    }

    /// <summary>Queues datagrams of others in a part of the queue; what does not fit there is lost.</summary>
    public bool TryForward(in Link link, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        TryGet(link, out var found) && found.TryForward(datagrams, segmentSize);

    /// <summary>The link itself, as long as it lives.</summary>
    public bool TryGet(in Link link, [NotNullWhen(true)] out ReliableLink? found)
    {
        found = _links.TryGetValue(link.Number, out var entry) ? entry.Link : null;
        return found is not null && found.Link.Kind == link.Kind;
    }

    /// <summary>The owner knows who is at the other end of an accepted link: it may stay, and counts no longer among strangers.</summary>
    public void MarkAuthenticated(in Link link)
    {
        if (_links.TryGetValue(link.Number, out var entry)) { entry.Admission?.Authenticate(); }
    }

    /// <summary>Begins to close a link; what is queued has a moment to leave. <see cref="ILinkSink.Closed"/> follows.</summary>
    public void Close(in Link link)
    {
        if (TryGet(link, out var found)) { found.Close(); }
    }

    /// <summary>Stops listening, closes all links and waits for them. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        Socket[] listeners;
        lock (_gate)
        {
            _stopped = true;
            (listeners, tasks) = ([.. _listeners], [.. _tasks]);
            _listeners.Clear();
        }
        // Before the listeners are gone: who accepts there would take their end for a failure, and rest before it goes on.
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var listener in listeners) { listener.Dispose(); }
        foreach (var entry in _links.Values) { entry.Link.Close(); }
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    /// <summary>Starts work that the set waits for when it is disposed of. False when it already is.</summary>
    private bool TryStart(Func<Task> work)
    {
        var start = new Task<Task>(work);
        var task = start.Unwrap();
        lock (_gate)
        {
            if (_stopped) { return false; }
            _tasks.Add(task);
        }
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        start.Start(TaskScheduler.Default);
        return true;
    }

    private void Forget(Task task)
    {
        lock (_gate) { _tasks.Remove(task); }
    }

    /// <summary>Runs a link from its first to its last byte.</summary>
    private async Task RunAsync(ReliableLink link, Admission? admission, Action<Link> announce)
    {
        var entry = new Entry(link, admission);
        Meeting? meeting = null;
        lock (_gate)
        {
            _links[link.Link.Number] = entry;
            if (link.Link.Kind is LinkKind.Tcp) { _meetings.Remove(link.Link.Remote, out meeting); }
        }
        if (meeting is null) { announce(link.Link); }
        else { AnnounceOpened(meeting.Request, link.Link); }
        meeting?.Done.SetResult();
        entry.Announced.SetResult();

        if (_stopping.IsCancellationRequested) { link.Close(); }
        await link.RunAsync().ConfigureAwait(false);
        _links.TryRemove(link.Link.Number, out _);
        admission?.Dispose(); // before the owner hears of it and counts on the place
        _logger.LinkEnded(link.Link, link.EndReason!.Value, link.EndDetail);
        _sink.Closed(link.Link, link.EndReason.Value, link.EndDetail);
    }

    private Link NextLink(LinkKind kind, IPEndPoint remote) => new(kind, Interlocked.Increment(ref _number), LinkEndPoint.ToAddress(remote));

    private void Fail(int request, string remote, LinkFailure failure, string detail)
    {
        _logger.LinkFailed(remote, failure, detail);
        _sink.Failed(request, failure, detail);
    }

    // Connections that were refused or broke, and nothing else: a mistake of ours shall be seen.
    private static bool IsExpected(Exception exception) => exception is LinkException or SocketException or IOException
        or AuthenticationException or OperationCanceledException or ObjectDisposedException;

    private sealed record Entry(ReliableLink Link, Admission? Admission)
    {
        public TaskCompletionSource Announced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Meeting(int request)
    {
        public int Request { get; } = request;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
