using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Coco.Lab.Kernel;

/// <summary>
/// A line that takes time. Not every kernel has netem, so a thread carries packets between two TUN devices when they are due; the devices
/// are the link, nothing else about it differs from a veth pair.
/// </summary>
internal sealed partial class DelayCable : IDisposable
{
    private readonly (TunDevice From, TunDevice To, DelayQueue Queue)[] _directions;
    private readonly byte[] _buffer = new byte[TunDevice.MaxPacket];
    private readonly int _stop = EventDescriptor(0, 0x80000);
    private readonly Thread _thread;
    private volatile LineConditions _conditions;

    public DelayCable(TunDevice far, TunDevice near, LineConditions conditions)
    {
        if (_stop < 0) { throw NetNamespace.Failed("make an event descriptor"); }

        _conditions = conditions;
        _directions = [(near, far, new(seed: 1)), (far, near, new(seed: 2))];
        _thread = new(Carry) { IsBackground = true, Name = "delay cable" };
        _thread.Start();
    }

    /// <summary>Changes how packets sent from now on are carried.</summary>
    public void Apply(LineConditions conditions) => _conditions = conditions;

    public void Dispose()
    {
        if (_directions[0].From.IsClosed) { return; }

        _ = WriteEvent(_stop, 1, sizeof(ulong));
        _thread.Join();
        foreach (var (from, _, _) in _directions) { from.Dispose(); }

        _ = Close(_stop);
    }

    private void Carry()
    {
        // Both only make packets more punctual, and not everybody may.
        _ = ProcessControl(29, 1, 0, 0, 0); // PR_SET_TIMERSLACK, in nanoseconds
        _ = SetScheduler(0, 1, 1); // SCHED_FIFO

        PollEntry[] waits =
        [
            new() { Descriptor = _directions[0].From.Descriptor, Events = 1 },
            new() { Descriptor = _directions[1].From.Descriptor, Events = 1 },
            new() { Descriptor = _stop, Events = 1 },
        ];
        while (true)
        {
            var wait = TimeUntilDue() is { } span ? new PollTime { Nanoseconds = (nint)(span.Ticks * 100) } : new PollTime { Seconds = 1 };
            _ = Poll(waits, (nuint)waits.Length, wait, 0);
            // Readable means stop for the last one; anything else than readable means that a device is gone.
            if (waits[2].Happened != 0 || ((waits[0].Happened | waits[1].Happened) & ~1) != 0) { return; }

            foreach (var direction in _directions) { Carry(direction.From, direction.To, direction.Queue); }
        }
    }

    private void Carry(TunDevice from, TunDevice to, DelayQueue queue)
    {
        while (from.TryRead(_buffer, out var read)) { queue.Add(_buffer.AsSpan(0, read), _conditions, Now); }

        while (queue.TryTake(Now, out var packet, out var length))
        {
            to.Write(packet, length);
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    // At most a second, so that a PollTime needs no seconds.
    private TimeSpan? TimeUntilDue()
    {
        var (one, other) = (_directions[0].Queue.NextDue, _directions[1].Queue.NextDue);
        if ((one ?? other) is not { } due) { return null; }

        var wait = (other < due ? other.Value : due) - Now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < TimeSpan.FromMilliseconds(999) ? wait : TimeSpan.FromMilliseconds(999);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollTime
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int Poll([In, Out] PollEntry[] entries, nuint count, in PollTime timeout, nint signals);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteEvent(int file, in ulong value, nint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint value, nuint unused1, nuint unused2, nuint unused3);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
