using System.Runtime.ExceptionServices;

namespace Coco.Transport.Loop;

/// <summary>
/// Leader and followers: when nothing is left to do but to sleep, the loop's thread gives the loop away and goes on with an app's code that waited for
/// what came, instead of waking a thread of the pool for it and waiting until that has a core. Most such code is back within microseconds, and the thread takes
/// the loop back. Where it is not, because it blocks or computes, another thread becomes the loop's, and this one ends when the app has let go of it.
/// </summary>
internal sealed partial class EndpointLoop
{
    // Chosen: about what waking a thread costs, so that who waits here for longer would have been faster elsewhere.
    private static readonly TimeSpan LongestWaitOfGuests = TimeSpan.FromMicroseconds(50);

    private const int LooksWithoutGuests = 3; // chosen: so a reader of some hundred messages a second is watched all the time, one of ten a second hardly ever

    [ThreadStatic]
    private static EndpointLoop? _ofThread;

    private readonly Queue<ILoopGuest> _guests = new();
    private ExecutionContext? _plainContext; // that of a thread that nobody's flows to
    private TimeSpan _guestsSince; // when the first of them came
    private ILoopGuest? _guest; // who is here
    private long _visit; // the last guest's number
    private long _takenOver; // the number of the last guest that did not leave in time
    private int _isWatched;
    private long _seenAway, _seenVisit, _stoodInFor; // the watch's, as what follows
    private int _looks;

    /// <summary>Whether the caller is a guest, or was one and has stayed for so long that another thread stands in.</summary>
    public static bool IsGuest => _ofThread is { IsCurrent: false };

    /// <summary>
    /// Lets somebody go on who waited: on the thread of the loop that calls this, as soon as that has nothing else to do, or else on the pool. From any thread, under any
    /// lock; it returns at once.
    /// </summary>
    public static void GoOn(ILoopGuest guest)
    {
        if (_ofThread is not { IsCurrent: true, _isStopping: false } loop || !loop.TryInvite(guest)) { ThreadPool.UnsafeQueueUserWorkItem(guest, preferLocal: true); }
    }

    /// <summary>Looks every few milliseconds, on the watch's thread, whether a guest stays too long. False when there was none for a while: the loop is not watched any more.</summary>
    public bool LookAtGuest()
    {
        var (state, visit) = (Volatile.Read(ref _state), Volatile.Read(ref _visit));
        if (IsAway(state) && state == _seenAway && state != _stoodInFor) { StandIn(state); }
        _looks = visit == _seenVisit && state is Awake or Sleeping ? _looks + 1 : 0; // lent, it may be away
        (_seenAway, _seenVisit) = (state, visit);
        if (_looks < LooksWithoutGuests) { return true; }
        _looks = 0;
        Interlocked.Exchange(ref _isWatched, 0);
        // The loop says that somebody is here and then looks whether it is watched; here the order is the reverse, so that one sees the other.
        return Volatile.Read(ref _visit) != visit && Interlocked.CompareExchange(ref _isWatched, 1, 0) == 0;
    }

    private static long Away(long visit) => (visit << 2) | AwayBits;

    private static bool IsAway(long state) => (state & AwayBits) == AwayBits;

    private static long VisitOf(long state) => state >> 2;

    private bool TryInvite(ILoopGuest guest)
    {
        var now = Now;
        if (!guest.Record.MayCome(now)) { return false; }
        if (_guests.Count == 0) { _guestsSince = now; }
        _guests.Enqueue(guest);
        return true;
    }

    // Whoever waited, one after the other. False when another thread has the loop now.
    private bool HostGuests()
    {
        var came = Now;
        while (_guests.TryDequeue(out var guest))
        {
            if (!Host(guest)) { return false; }
            var now = Now;
            guest.Record.Left(came, now);
            came = now;
            SendLateGuestsAway(now);
        }
        return true;
    }

    private void SendLateGuestsAway(TimeSpan now)
    {
        if (_guests.Count > 0 && now - _guestsSince > LongestWaitOfGuests) { SendGuestsAway(); }
    }

    private void SendGuestsAway()
    {
        while (_guests.TryDequeue(out var guest)) { ThreadPool.UnsafeQueueUserWorkItem(guest, preferLocal: false); }
    }

    private bool Host(ILoopGuest guest)
    {
        var visit = _visit + 1;
        (_guest, _sleepsUntil) = (guest, TimeSpan.MinValue); // nobody sleeps: whoever borrows the loop has no timer to set
        Volatile.Write(ref _holder, null);
        Volatile.Write(ref _visit, visit);
        Interlocked.Exchange(ref _state, Away(visit));
        if (Volatile.Read(ref _isWatched) == 0 && Interlocked.CompareExchange(ref _isWatched, 1, 0) == 0) { GuestWatch.Add(this); }
        try
        {
            // As on the pool: what an app sets in its context stays its own.
            ExecutionContext.Run(_plainContext!, static guest => ((ILoopGuest)guest!).Execute(), guest);
        }
        catch (Exception exception) // as on the pool, too: what nobody has caught there ends the process, not the endpoint
        {
            ThreadPool.UnsafeQueueUserWorkItem(static it => it.Throw(), ExceptionDispatchInfo.Capture(exception), preferLocal: false);
        }
        if (!TryTakeFrom(visit)) { return false; }
        _guest = null;
        Volatile.Write(ref _holder, Thread.CurrentThread);
        return true;
    }

    // Takes the loop back after a visit, or over during it. False when somebody else has done that.
    private bool TryTakeFrom(long visit)
    {
        var spin = new SpinWait();
        while (true)
        {
            var state = Interlocked.CompareExchange(ref _state, Awake, Away(visit));
            if (state == Away(visit)) { return true; }
            // Lent for microseconds, if it is still this visit's.
            if (state != Lent || Volatile.Read(ref _takenOver) >= visit || Volatile.Read(ref _visit) != visit) { return false; }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void StandIn(long state)
    {
        try
        {
            new Thread(() => TakeOver(VisitOf(state))) { IsBackground = true, Name = ThreadName }.UnsafeStart();
            _stoodInFor = state;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // The next look tries again: the guest may be gone by then.
        }
    }

    private void TakeOver(long visit)
    {
        if (!TryTakeFrom(visit)) { return; }
        Volatile.Write(ref _takenOver, visit);
        if (_guest is { } guest) { guest.Record.Outstayed(Now); }
        _guest = null;
        Logger.GuestOutstayed();
        Serve(isFirst: false);
    }
}
