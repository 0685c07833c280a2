namespace Coco.Transport.Loop;

/// <summary>
/// The one thread of the process that looks whether guests of endpoints' threads leave in time. It sleeps while none has come for some milliseconds, so that a process
/// in which nothing happens is never woken.
/// </summary>
internal static class GuestWatch
{
    /// <summary>Chosen: a guest that blocks is noticed after one to two of these, and looking costs a process that is busy a thousandth of a core.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(4);

    private static readonly Lock Guard = new(); // guards the list and the start
    private static readonly List<EndpointLoop> Watched = [];
    private static readonly AutoResetEvent HasWork = new(initialState: false);
    private static Thread? _thread;

    /// <summary>Watches a loop until it has had no guest for a while (<see cref="EndpointLoop.LookAtGuest"/>).</summary>
    public static void Add(EndpointLoop loop)
    {
        lock (Guard)
        {
            Watched.Add(loop);
            if (Watched.Count > 1) { return; }
            HasWork.Set();
            if (_thread is not null) { return; }
            _thread = new(Run) { IsBackground = true, Name = "Coco guests" };
            _thread.UnsafeStart();
        }
    }

    private static void Run()
    {
        while (true)
        {
            HasWork.WaitOne();
            do { Thread.Sleep(Interval); }
            while (Look());
        }
    }

    // Not under the lock, which loops may wait for: to start a thread takes a while.
    private static bool Look()
    {
        EndpointLoop[] loops;
        lock (Guard) { loops = [.. Watched]; }
        foreach (var loop in loops)
        {
            if (loop.LookAtGuest()) { continue; }
            lock (Guard) { Watched.Remove(loop); } // once: it may be back already
        }
        lock (Guard) { return Watched.Count > 0; }
    }
}
