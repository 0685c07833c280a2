using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Media;

/// <summary>A subscription at the node that sends the stream, producer or not, from the question to the end.</summary>
internal sealed partial class Upstream(MediaContext context, StreamSubscription subscription, NodeConnection connection, ulong number) : IDisposable
{
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _over = new();
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously); // of the stream's tracks, the next time
    private volatile UpstreamEnd? _end;
    private FrameStream? _frames;
    private TimeSpan _heardAt;
    private TimeSpan _joinedAt; // of the stream
    private int _timesAsked;

    public NodeConnection Connection => connection;

    public NodeId Node => connection.PeerId;

    public ulong Number => number;

    public TimeSpan ShortestRoundTrip => connection.Statistics.MinimumRoundTripTime;

    /// <summary>Whether it was accepted; completes when that is known.</summary>
    public Task<bool> Accepted => _accepted.Task;

    /// <summary>Asks, and receives until it is over.</summary>
    public async Task<UpstreamEnd> RunAsync(SubscribeWords words, ulong? epoch, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        ConnectionStream? stream = null;
        Task watching = Task.CompletedTask, writing = Task.CompletedTask;
        try
        {
            stream = await connection.OpenWithAsync(StreamHeader.Of(StreamKind.Media, connection.Number, (ulong)MediaRequest.Subscription), either.Token).ConfigureAwait(false);
            _frames = new(stream);
            writing = _frames.WriteAsync();
            _heardAt = context.Now;
            Say(MediaFrame.Subscribe, words.Encode());
            watching = WatchAsync(either.Token);
            return await ReceiveAsync(new(stream, StreamReadSize), context.Now, epoch, either.Token).ConfigureAwait(false);
        }
        catch (TransportException exception)
        {
            return _end ?? (exception.Code is TransportError.StreamReset or TransportError.StreamStopped
                ? new UpstreamEnd.Refused((WireError)(exception.ApplicationCode ?? 0))
                : new UpstreamEnd.Lost(exception));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return _end ?? new UpstreamEnd.Lost(null);
        }
        catch (CocoException exception)
        {
            return new UpstreamEnd.Lost(exception);
        }
        finally
        {
            _accepted.TrySetResult(false);
            await _over.CancelAsync().ConfigureAwait(false);
            _frames?.Complete();
            stream?.Abort(0);
            await writing.ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    public void Dispose() => _over.Dispose();

    /// <summary>Says something, as long as it lasts.</summary>
    public void Say(MediaFrame type, ReadOnlySpan<byte> body)
    {
        var bytes = new byte[(2 * VarInt.MaxLength) + body.Length];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        _frames?.TrySend(bytes.AsMemory(0, writer.Position));
    }

    private const int StreamReadSize = 64 << 10; // the largest frame

    // Chosen: the first answer came after the policy was asked; of some that follow at once one has waited for nothing.
    private const int FirstTimes = 4;

    private void AskTime()
    {
        if (_timesAsked++ < FirstTimes) { Say(MediaFrame.Report, subscription.Report(context.Now).Encode()); }
    }

    private async Task<UpstreamEnd> ReceiveAsync(RecordReader reader, TimeSpan asked, ulong? epoch, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is var (type, body))
        {
            _heardAt = context.Now;
            switch ((MediaFrame)type)
            {
                case MediaFrame.State:
                    if (StateWords.TryRead(body) is not { } state || !TryTake(state, asked, ref epoch)) { return new UpstreamEnd.Forged(); }
                    if (state.Way.Contains(context.Self) || state.Way.Count >= MediaText.MaxNodes) { return new UpstreamEnd.Refused(WireError.TooMany); }
                    if (_accepted.TrySetResult(true)) { AskTime(); }
                    Interlocked.Exchange(ref _told, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                    break;
                case MediaFrame.Redirect:
                    return RedirectWords.TryRead(body) is { } words ? new UpstreamEnd.Redirected(words) : new UpstreamEnd.Forged();
                case MediaFrame.Time:
                    TakeTime(body);
                    AskTime();
                    break;
                case MediaFrame.Ended:
                    return new UpstreamEnd.Ended();
            }
        }
        return _end ?? new UpstreamEnd.Lost(null);
    }

    private bool TryTake(StateWords state, TimeSpan asked, ref ulong? epoch)
    {
        if (StreamDescription.TryRead(state.Description, context.Loop.Network, subscription.Producer, subscription.Name) is not { } description) { return false; }
        if (epoch is { } expected && description.Epoch != expected) { return false; }
        epoch = description.Epoch;
        if (state.Way.Contains(context.Self)) { return true; }
        if (!_accepted.Task.IsCompleted) { _joinedAt = state.Time; }
        subscription.HandleState(this, description, state, asked, !_accepted.Task.IsCompleted);
        return true;
    }

    private void TakeTime(byte[] body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var echo) || !reader.TryReadVarInt(out var time)) { return; }
        var asked = TimeSpan.FromMicroseconds((long)Math.Min(echo, long.MaxValue / 100));
        if (asked <= context.Now && time < long.MaxValue / 100) { subscription.HandleTime(this, asked, TimeSpan.FromMicroseconds((long)time)); }
    }

    // Reports, and the answers to them by which one knows that the other side lives. A node that is gone says nothing for minutes.
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var silence = subscription.Options.SilenceTime;
        var interval = silence / 3 < TimeSpan.FromSeconds(1) ? silence / 3 : TimeSpan.FromSeconds(1);
        using var timer = new PeriodicTimer(interval, context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                var now = context.Now;
                var isUnsigned = IsUnsignedForTooLong(now);
                if (isUnsigned || now - _heardAt > (Accepted.IsCompleted ? silence : context.AnswerTime))
                {
                    _end = isUnsigned ? new UpstreamEnd.Unsigned() : new UpstreamEnd.Lost(null);
                    await _over.CancelAsync().ConfigureAwait(false);
                    return;
                }
                if (Accepted.IsCompleted) { Say(MediaFrame.Report, subscription.Report(now).Encode()); }
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}
