namespace Coco.Topics;

/// <summary>
/// Readers that asked to go on where their message was received: they do so once that thread has let go of the lock of <see cref="NodeTopics"/>, and on the
/// pool where another thread than the endpoint's handles messages. What is not said to be otherwise is under that lock.
/// </summary>
internal sealed class InlineReaders
{
    private List<TaskCompletionSource<bool>> _due = [];

    /// <summary>Whether the endpoint's thread handles what it has received.</summary>
    public bool AreHere { get; set; }

    public void Wake(TaskCompletionSource<bool> waiting)
    {
        if (AreHere) { _due.Add(waiting); }
        else { WakeElsewhere(waiting, true); }
    }

    /// <summary>From any thread, under any lock.</summary>
    public static void WakeElsewhere(TaskCompletionSource<bool> waiting, bool hasMessages) =>
        ThreadPool.UnsafeQueueUserWorkItem(static it => it.waiting.TrySetResult(it.hasMessages), (waiting, hasMessages), preferLocal: false);

    /// <summary>Those that are to go on now, for <see cref="Run"/>; null where there are none.</summary>
    public List<TaskCompletionSource<bool>>? Take()
    {
        if (_due.Count == 0) { return null; }
        var taken = _due;
        _due = [];
        return taken;
    }

    /// <summary>Lets them go on; without the lock, on the endpoint's thread.</summary>
    public static void Run(List<TaskCompletionSource<bool>>? taken)
    {
        foreach (var waiting in taken ?? []) { waiting.TrySetResult(true); }
    }
}
