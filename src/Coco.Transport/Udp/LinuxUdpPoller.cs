using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coco.Transport.Udp;

/// <summary>
/// One <c>ppoll</c> over all sockets, an event descriptor and a timer's. Not epoll: its waits end on whole milliseconds, too coarse for pacing,
/// and one or two sockets are the rule.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxUdpPoller : UdpPoller
{
    private const int Own = 2;

    private readonly SafeFileHandle _wake;
    private readonly SafeFileHandle _timer;
    private readonly List<UdpChannel> _channels = [];
    private Libc.PollDescriptor[] _descriptors = new Libc.PollDescriptor[4]; // the event and the timer, then the channels in their order

    public LinuxUdpPoller()
    {
        _wake = Open(0, Libc.EventDescriptor(0, Libc.EfdCloexecNonblock));
        _timer = Open(1, Libc.TimerDescriptor(Libc.ClockMonotonic, Libc.TfdCloexecNonblock));
    }

    public override void Add(UdpChannel channel)
    {
        _channels.Add(channel);
        if (_channels.Count + Own > _descriptors.Length) { Array.Resize(ref _descriptors, 2 * _descriptors.Length); }
        _descriptors[_channels.Count + Own - 1] = new() { Descriptor = (int)channel.Socket.Handle, Events = Libc.PollIn };
    }

    public override void Remove(UdpChannel channel)
    {
        var index = _channels.IndexOf(channel);
        if (index < 0) { return; }
        _channels[index] = _channels[^1];
        _descriptors[index + Own] = _descriptors[_channels.Count + Own - 1];
        _channels.RemoveAt(_channels.Count - 1);
    }

    public override void WatchRoom(UdpChannel channel, bool watch)
    {
        var index = _channels.IndexOf(channel);
        if (index >= 0) { _descriptors[index + Own].Events = (short)(Libc.PollIn | (watch ? Libc.PollOut : 0)); }
    }

    public override bool Wait(TimeSpan timeout)
    {
        ClearReady();
        var time = Libc.TimeSpec.From(timeout);
        fixed (Libc.PollDescriptor* descriptors = _descriptors)
        {
            // A signal ends the wait early and harmlessly: the loop looks at the time anyway.
            var ready = Libc.Poll(descriptors, (nuint)_channels.Count + Own, timeout == Timeout.InfiniteTimeSpan ? null : &time, null);
            if (ready <= 0) { return ready < 0; }
        }

        ulong count;
        if (_descriptors[0].Returned != 0) { _ = Libc.Read(_wake, &count, sizeof(ulong)); }
        if (_descriptors[1].Returned != 0) { _ = Libc.Read(_timer, &count, sizeof(ulong)); }
        for (var i = 0; i < _channels.Count; i++)
        {
            if (_descriptors[i + Own].Returned != 0) { AddReady(_channels[i]); }
        }
        return true;
    }

    public override void Wake()
    {
        try
        {
            ulong one = 1;
            var written = Libc.Write(_wake, &one, sizeof(ulong));
            Debug.Assert(written == sizeof(ulong) || Marshal.GetLastPInvokeError() == Libc.Eagain, "an event descriptor takes a count");
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    public override void WakeAfter(TimeSpan wait)
    {
        // A time of zero would stop it (timerfd_settime(2)).
        var time = new Libc.TimerSpec { First = Libc.TimeSpec.From(wait > TimeSpan.Zero ? wait : TimeSpan.FromTicks(1)) };
        var isSet = Libc.SetTimer(_timer, 0, &time, null);
        Debug.Assert(isSet == 0, "a timer takes any time");
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        _wake.Dispose();
        _timer.Dispose();
    }

    private SafeFileHandle Open(int index, int descriptor)
    {
        if (descriptor < 0) { throw new SocketException(Marshal.GetLastPInvokeError()); }
        _descriptors[index] = new() { Descriptor = descriptor, Events = Libc.PollIn };
        return new(descriptor, ownsHandle: true);
    }
}
