namespace Coco.Transport.Loop;

/// <summary>
/// A loop that sleeps lends itself: who writes a little then sends it on its own thread, instead of waking another for it and waiting until that has a
/// core. The state is passed on by compare-and-exchange, so there is one owner at any time; the loop's thread takes it back before it touches anything.
/// </summary>
internal sealed partial class EndpointLoop
{
    /// <summary>Chosen: some packets. More is encrypted and sent by the loop while its writer makes the next.</summary>
    public const int MostWrittenHere = 4 << 10;

    private const long Awake = 0, Sleeping = 1, Lent = 2, AwayBits = 3; // away with a guest, whose number stands above the bits

    // Chosen: several times what waking a thread costs. Where more happens than that, a loop gains by taking together what has come meanwhile.
    private const long LeastQuiet = 200 * TimeSpan.TicksPerMicrosecond;

    private long _state;
    private long _lentFrom; // the borrower's: asleep, or away
    private long _quietSince; // when it fell asleep, or was lent last, as ticks of Now
    private TimeSpan _sleepsUntil; // the owner's

    /// <summary>Writes and sends on the caller's thread if the loop has slept for a while. Nobody else's code runs here: what completes
    /// is what the caller is about to await. False where it is to be posted.</summary>
    public bool TryWriteHere(ConnectionStream stream)
    {
        if (!TryBorrow()) { return false; }
        var needsLoop = true;
        try
        {
            stream.WriteNow();
            needsLoop = !Flush() || Core.HasNews || _sendsAgain.Count > 0;
            WakeBy(NextDeadline());
        }
        catch (Exception exception) // it breaks the loop, as it would have on its own thread
        {
            Post(new Failure(exception));
        }
        finally
        {
            GiveBack(needsLoop);
        }
        return true;
    }

    private bool TryBorrow()
    {
        var now = Now.Ticks;
        var state = Volatile.Read(ref _state);
        if (now - Volatile.Read(ref _quietSince) < LeastQuiet || state is Awake or Lent || Interlocked.CompareExchange(ref _state, Lent, state) != state) { return false; }
        _lentFrom = state;
        Volatile.Write(ref _quietSince, now);
        if (_items.IsEmpty) { return true; }
        GiveBack(needsLoop: true); // what was asked before comes before
        return false;
    }

    // In the order of the loop before it sleeps: who has posted meanwhile and saw that it was lent leaves the waking to this. A loop that is away looks at everything
    // when it is back.
    private void GiveBack(bool needsLoop)
    {
        Interlocked.Exchange(ref _state, _lentFrom);
        if (needsLoop || !_items.IsEmpty) { WakeIfAsleep(); }
    }

    private void WakeIfAsleep()
    {
        if (Volatile.Read(ref _state) == Sleeping && Interlocked.CompareExchange(ref _state, Awake, Sleeping) == Sleeping) { _poller.Wake(); }
    }

    // The loop, awake again, waits for the microseconds that somebody may still need. Not for a millisecond, which SpinWait comes to otherwise.
    private void TakeBack()
    {
        var spin = new SpinWait();
        while (Volatile.Read(ref _state) != Awake && Interlocked.CompareExchange(ref _state, Awake, Sleeping) != Sleeping) { spin.SpinOnce(sleep1Threshold: -1); }
    }

    private TimeSpan NextDeadline() => Core.Deadline is { } core && core < Timers.Earliest ? core : Timers.Earliest;

    private void WakeBy(TimeSpan deadline)
    {
        if (deadline >= _sleepsUntil) { return; }
        _sleepsUntil = deadline;
        _poller.WakeAfter(deadline - Now);
    }

    private sealed class Failure(Exception exception) : ILoopItem
    {
        public void Run(TimeSpan now) => throw new InvalidOperationException("What was sent from another thread broke the endpoint.", exception);

        public void Refuse()
        {
            // It is broken already.
        }
    }
}
