using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Coco.Transport.Streams;

/// <summary>
/// A read or a write of a stream from the call until its bytes were moved: the loop copies straight from and to the caller's memory.
/// A stream has one for each direction and uses it again and again, so that nothing is allocated.
/// </summary>
/// <remarks>The loop alone completes it, so that memory is never touched once the caller has it back.</remarks>
internal sealed class StreamOperation(Action wakeLoop, bool runsInline) : IValueTaskSource<int>, IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<int> _source;
    private Action<object?>? _continuation;
    private object? _state;
    private CancellationTokenRegistration _registration;
    private int _isBusy;
    private bool _goesOnHere;
    private volatile bool _isCancelled;

    /// <summary>The caller's memory.</summary>
    public ReadOnlyMemory<byte> Memory { get; private set; }

    /// <summary>Bytes moved so far.</summary>
    public int Done { get; set; }

    /// <summary>Whether the stream ends behind what is written.</summary>
    public bool IsLast { get; private set; }

    /// <summary>When it fails with a <see cref="TimeoutException"/>.</summary>
    public TimeSpan Deadline { get; private set; }

    public CancellationToken Token { get; private set; }

    /// <summary>When it has moved at most so many bytes, what awaited goes on at once, on the loop's thread.</summary>
    public int InlineLength { get; set; }

    public bool IsCancelled => _isCancelled;

    /// <summary>What is not yet moved of a write.</summary>
    public ReadOnlySpan<byte> Rest => Memory.Span[Done..];

    /// <summary>Where a read puts its bytes.</summary>
    public Span<byte> Destination => MemoryMarshal.AsMemory(Memory).Span;

    /// <summary>Takes the operation for a call. One at a time: bytes of two writes would mix, and of two reads nobody could say which came first.</summary>
    public void Begin(ReadOnlyMemory<byte> memory, bool isLast, TimeSpan deadline, CancellationToken token)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
        {
            throw new InvalidOperationException("Another read, or another write, of this stream is not finished. Await it first.");
        }
        _source.Reset();
        (Memory, Done, IsLast, Deadline, Token, _isCancelled, _goesOnHere) = (memory, 0, isLast, deadline, token, false, false);
        if (token.CanBeCanceled) { _registration = token.UnsafeRegister(static operation => ((StreamOperation)operation!).Cancel(), this); }
    }

    public ValueTask<int> AsReadTask() => new(this, _source.Version);

    public ValueTask AsWriteTask() => new(this, _source.Version);

    /// <summary>So many bytes were moved.</summary>
    public void Complete(int count)
    {
        _goesOnHere = count > 0 && count <= InlineLength;
        _source.SetResult(count);
    }

    public void Fail(Exception exception) => _source.SetException(exception);

    int IValueTaskSource<int>.GetResult(short token) => GetResult(token);

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var isPlain = (flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) == 0
            && ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) == 0
                || (SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default));
        _source.RunContinuationsAsynchronously = !runsInline && !isPlain;
        if (runsInline || !isPlain)
        {
            _source.OnCompleted(continuation, state, token, flags);
            return;
        }
        // The way to the pool that allocates nothing: this object is the work item.
        (_continuation, _state) = (continuation, state);
        _source.OnCompleted(static operation => ((StreamOperation)operation!).GoOn(), this, token, flags);
    }

    /// <summary>Goes on with what awaited.</summary>
    public void Execute()
    {
        var (continuation, state) = (_continuation!, _state);
        (_continuation, _state) = (null, null);
        continuation(state);
    }

    private void GoOn()
    {
        if (_goesOnHere) { Execute(); }
        else { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); }
    }

    private int GetResult(short token)
    {
        // Waits for a cancellation that runs right now, which must not hit the next call.
        _registration.Dispose();
        _registration = default;
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            Memory = default;
            Volatile.Write(ref _isBusy, 0);
        }
    }

    private void Cancel()
    {
        _isCancelled = true;
        wakeLoop();
    }
}
