using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;

namespace Coco.Media;

/// <content>Finding somebody who sends the stream: its producer is always asked first, and says who does where it has no copy left.</content>
public sealed partial class StreamSubscription
{
    // Chosen: whoever could not send may be able to when the producer has heard of it, which takes some seconds.
    private static readonly TimeSpan AvoidTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AvoidForgerTime = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<NodeId, TimeSpan> _avoided = []; // the runner's, as are the two below
    private readonly Queue<NodeId> _candidates = new();
    private ulong? _epoch; // as the producer said

    internal Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Returns when the stream is on its way.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        using var activity = StreamMetrics.Trace(Producer, Name);
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Running = running.Task;
        if (!_context.Loop.Tasks.TryRun(() => RunAsync(running))) { throw new ObjectDisposedException(nameof(Node), "The node is disposed."); }
        try
        {
            await _started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity.Fail(exception);
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAsync(TaskCompletionSource running)
    {
        CocoException? failure = null;
        StreamMetrics.Began(isProducer: false);
        try
        {
            failure = await SeekAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // Ended here.
        }
        Distribution? passedOn;
        lock (_lock) { (_failure, _isOver, passedOn, _passedOn) = (failure, true, _passedOn, null); }
        if (passedOn is not null)
        {
            _streams.Forget(passedOn);
            passedOn.Close(isOver: failure is null && !_closing.IsCancellationRequested);
        }
        StreamMetrics.Ended(isProducer: false);
        _arrived.Set();
        _started.TrySetException(failure ?? new CocoException(CocoError.ConnectionClosed, $"The stream {Name} of {Producer} is over. Subscribe again when it is published again."));
        _ = _started.Task.Exception; // whoever has been told already does not look
        running.TrySetResult();
    }

    // Null when the stream is over.
    private async Task<CocoException?> SeekAsync()
    {
        var wait = FirstWait;
        var lostAt = _context.Now;
        while (true)
        {
            var target = Producer;
            var isProducer = !TryNext(ref target);
            if (isProducer) { _epoch = null; }
            var (end, wasAccepted) = await TryAsync(target, isProducer).ConfigureAwait(false);
            if (wasAccepted) { (wait, lostAt) = (FirstWait, _context.Now); }
            if (end is UpstreamEnd.Ended && wasAccepted) { return null; }
            if (end is UpstreamEnd.Redirected { Words: var words })
            {
                if (isProducer || words.Epoch == _epoch) { Take(words, isProducer || wasAccepted); }
                if (!isProducer && !wasAccepted) { Avoid(target, AvoidTime); }
                if (_candidates.Count > 0) { continue; }
            }
            else if (!isProducer)
            {
                Avoid(target, end is UpstreamEnd.Forged ? AvoidForgerTime : AvoidTime);
                if (end is UpstreamEnd.Forged)
                {
                    _context.Logger.Forged(target, Name);
                    StreamMetrics.LeftForger();
                }
                if (end is UpstreamEnd.Unsigned) { _context.Logger.Unsigned(target, Name, AvoidTime.TotalSeconds); }
                if (_candidates.Count > 0) { continue; }
            }
            else if (FinalFailure(end, wasAccepted) is { } final) { return final; }
            if (_context.Now - lostAt > (_started.Task.IsCompleted ? Options.RetryTime : _context.AnswerTime)) { return FailureOf(end); }
            await Task.Delay(wait, _context.Time, _closing.Token).ConfigureAwait(false);
            wait = 2 * wait < LongestWait ? 2 * wait : LongestWait;
        }
    }

    private bool TryNext(ref NodeId target)
    {
        var now = _context.Now;
        while (_candidates.TryDequeue(out var next))
        {
            if (_avoided.GetValueOrDefault(next) > now || next == Producer || next == _context.Self) { continue; }
            target = next;
            return true;
        }
        return false;
    }

    private void Take(RedirectWords words, bool replaces)
    {
        if (replaces) { _candidates.Clear(); }
        _epoch = words.Epoch;
        foreach (var node in words.Nodes)
        {
            if (_candidates.Count < 2 * MediaText.MaxNodes) { _candidates.Enqueue(node); }
        }
    }

    private void Avoid(NodeId node, TimeSpan time)
    {
        var now = _context.Now;
        foreach (var (one, until) in _avoided.ToArray())
        {
            if (until <= now) { _avoided.Remove(one); }
        }
        _avoided[node] = now + time;
    }

    private async Task<(UpstreamEnd End, bool WasAccepted)> TryAsync(NodeId target, bool isProducer)
    {
        MediaSession session;
        try
        {
            session = await _streams.Sessions.UseAsync(target, _closing.Token).ConfigureAwait(false);
        }
        catch (CocoException exception)
        {
            return (new UpstreamEnd.Lost(exception), false);
        }
        var upstream = _streams.Begin(this, session);
        try
        {
            _ = SayStartedAsync(upstream);
            var avoided = _avoided.Where(one => one.Value > _context.Now).OrderByDescending(static one => one.Value).Take(MediaText.MaxNodes).Select(static one => one.Key).ToArray();
            var wantsSignatures = !isProducer || Options.Rebroadcasts > 0;
            var words = new SubscribeWords(upstream.Number, Producer, Name, wantsSignatures, Options.Rebroadcasts, avoided, Options.Tracks ?? []);
            var end = await upstream.RunAsync(words, _epoch, _closing.Token).ConfigureAwait(false);
            return (end, await upstream.Accepted.ConfigureAwait(false));
        }
        finally
        {
            _streams.End(upstream);
            upstream.Dispose();
            _streams.Sessions.Release(session);
        }
    }

    private async Task SayStartedAsync(Upstream upstream)
    {
        if (await upstream.Accepted.ConfigureAwait(false)) { _started.TrySetResult(); }
    }

    // What the producer says once and for all; other failures may pass.
    private CocoException? FinalFailure(UpstreamEnd end, bool wasAccepted) => end switch
    {
        UpstreamEnd.Refused { Code: WireError.Denied } or UpstreamEnd.Refused { Code: WireError.UnknownStreamKind } or UpstreamEnd.Forged => FailureOf(end),
        UpstreamEnd.Refused { Code: WireError.NotOffered } when !_started.Task.IsCompleted => FailureOf(end),
        UpstreamEnd.Lost { Cause: CocoException } when !_started.Task.IsCompleted && !wasAccepted => FailureOf(end),
        _ => null,
    };

    private CocoException FailureOf(UpstreamEnd end) => end switch
    {
        UpstreamEnd.Refused { Code: WireError.Denied } =>
            new(CocoError.Denied, $"{Producer} does not let this node subscribe to {Name}. An admin can allow it in the network's policy (allow subscribe {Name} from …)."),
        UpstreamEnd.Refused { Code: WireError.NotOffered } => new(CocoError.NotOffered, $"{Producer} publishes no stream {Name} now. Check the name, or publish it there."),
        UpstreamEnd.Refused { Code: WireError.UnknownStreamKind } => new(CocoError.NotOffered, $"{Producer} runs a version without streams. Update it."),
        UpstreamEnd.Refused or UpstreamEnd.Redirected =>
            new(CocoError.Overloaded, $"{Producer} sends {Name} to as many as it can, and nobody passes it on who has room. Try again later, or let a subscriber rebroadcast."),
        UpstreamEnd.Forged => new(CocoError.ConnectionClosed, $"{Producer} sent something for {Name} that makes no sense. Update the older of the two programs."),
        UpstreamEnd.Lost { Cause: CocoException cause } => cause,
        _ => new(CocoError.Unreachable, $"The stream {Name} of {Producer} was lost, and nobody who sends it was found. Subscribe again when the producer is on."),
    };
}
