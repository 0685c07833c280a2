using System.Threading.Channels;
using Coco.Cluster;
using Coco.Cluster.Members;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Storing;
using Coco.Transport;
using Microsoft.Extensions.Logging;

namespace Coco.Hosting;

/// <summary>
/// Owns the <see cref="NetworkMember"/> of one node: everything that happens to it comes as an item of one queue, so it needs no locks.
/// Connections, their streams and the store are served by tasks that post here.
/// </summary>
internal sealed partial class MemberLoop : IAsyncDisposable
{
    // Chosen: some seconds of frames from all neighbours; whoever brings more waits.
    private const int MaxInputs = 4096;

    private readonly NetworkMember _member;
    private readonly MemberStore? _store;
    private readonly NodeOptions _options;
    private readonly Endpoint _endpoint;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly Channel<Action> _inputs = Channel.CreateBounded<Action>(new BoundedChannelOptions(MaxInputs) { SingleReader = true });
    private readonly Dictionary<SessionUse, Func<NodeConnection, ConnectionStream, Task>> _servers = []; // as it was when the loop started
    private Task _running = Task.CompletedTask;
    private Task _written = Task.CompletedTask; // the loop's: all that was to be stored so far

    /// <summary>A loop for a member that was made at <paramref name="start"/>, a time stamp of the options' clock.</summary>
    public MemberLoop(NetworkMember member, MemberStore? store, NodeOptions options, Endpoint endpoint, long start, ILogger logger)
    {
        (_member, _store, _options, _endpoint, _start, _logger) = (member, store, options, endpoint, start, logger);
        _timer = options.TimeProvider.CreateTimer(_ => PostIfRoom(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Tasks = new(exception => _logger.PartFailed(Self, exception));
        View = NodeView.Of(member);
    }

    public NodeId Self => _member.Self;

    public NetworkId Network => _member.Network;

    /// <summary>Has a part of the node serve the streams that peers open in sessions of its own; before the loop starts.</summary>
    public void Serve(SessionUse use, Func<NodeConnection, ConnectionStream, Task> serve) => _servers.Add(use, serve);

    /// <summary>What serves such sessions; null where nothing does.</summary>
    public Func<NodeConnection, ConnectionStream, Task>? FindServer(SessionUse use) => _servers.GetValueOrDefault(use);

    /// <summary>Tasks that serve connections, dial and store.</summary>
    public TaskSet Tasks { get; }

    public ILogger Logger => _logger;

    /// <summary>The members and the graph as they were a moment ago.</summary>
    public NodeView View { get; private set => Volatile.Write(ref field, value); }

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_start);

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Queues an item, waiting for room. Does nothing once the loop has ended.</summary>
    public async ValueTask PostAsync(Action input)
    {
        try
        {
            await _inputs.Writer.WriteAsync(input).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // The node is disposed: there is nobody left to tell.
        }
    }

    /// <summary>Queues an item that may be lost where thousands wait.</summary>
    public void PostIfRoom(Action input) => _inputs.Writer.TryWrite(input);

    /// <summary>Asks the member something, or has it do something; done when what it wants kept is stored.</summary>
    /// <exception cref="CocoException">It may not, or cannot.</exception>
    public async Task<T> AskAsync<T>(Func<NetworkMember, TimeSpan, T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<(T Value, Task Written)>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _inputs.Writer.WriteAsync(() => Answer(question, answer), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(Node), "The node is disposed.");
        }
        using var registration = _ended.Token.UnsafeRegister(_ => answer.TrySetException(new ObjectDisposedException(nameof(Node), "The node is disposed.")), null);
        var (value, written) = await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await written.WaitAsync(cancellationToken).ConfigureAwait(false);
        return value;
    }

    /// <summary>Whether the policy lets a peer use a service of this node's.</summary>
    public async Task<bool> DecideServiceAsync(NodeId peer, string service)
    {
        try
        {
            var decision = await AskAsync((member, _) => member.Decide(peer, PolicyKind.Service, service), default).ConfigureAwait(false);
            if (!decision.IsAllowed) { _logger.ServiceDenied(peer, service, decision.Explain()); }
            return decision.IsAllowed;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Says goodbye, closes all connections and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await PostAsync(() => Leave(left)).ConfigureAwait(false);
            await Task.WhenAny(left.Task, _running).ConfigureAwait(false);
            await Task.WhenAll([.. _linkTasks.Keys]).ConfigureAwait(false);
            await _timer.DisposeAsync().ConfigureAwait(false);
            _inputs.Writer.TryComplete();
        }
        await _running.ConfigureAwait(false);
        await Tasks.WhenAllEnded().ConfigureAwait(false);
    }

    private readonly CancellationTokenSource _ended = new();
    private int _isDisposed;

    private void Answer<T>(Func<NetworkMember, TimeSpan, T> question, TaskCompletionSource<(T Value, Task Written)> answer)
    {
        try
        {
            var writes = _writes;
            var value = question(_member, Now);
            TakeOutputs();
            if (_writes != writes) { UpdateView(atOnce: true); } // whoever acts sees what came of it
            answer.TrySetResult((value, _written));
        }
        catch (MembershipException exception)
        {
            answer.TrySetException(Failures.Of(exception));
        }
        catch (CocoException exception)
        {
            answer.TrySetException(exception);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var input in _inputs.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                input();
                HandleTimeouts();
                TakeOutputs();
                SetTimer();
            }
        }
        catch (Exception exception) // a fault of ours: a stopped node is safer than one that goes on with a broken state
        {
            _logger.NodeFailed(Self, exception);
            _inputs.Writer.TryComplete();
            throw;
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            CompleteWatchers();
        }
    }

    private void HandleTimeouts()
    {
        var now = Now;
        if (_member.Deadline <= now) { _member.HandleTimeout(now); }
        CloseLateLinks(now);
        if (_lookAt <= now) { LookAtLinks(now); }
        if (_clockAt <= now) { LookAtClock(now); }
    }

    private void SetTimer()
    {
        var deadline = _member.Deadline ?? TimeSpan.MaxValue;
        foreach (var link in _links)
        {
            if (link.CloseAt < deadline) { deadline = link.CloseAt; }
        }
        if (_lookAt < deadline) { deadline = _lookAt; }
        if (_viewAt < deadline) { deadline = _viewAt; }
        if (_clockAt < deadline) { deadline = _clockAt; }
        var wait = deadline == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : deadline - Now;
        _timer.Change(deadline != TimeSpan.MaxValue && wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
    }
}
