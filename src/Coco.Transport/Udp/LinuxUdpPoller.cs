using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coco.Transport.Udp;

/// <summary>
/// One <c>ppoll</c> over all sockets and an event descriptor. Not epoll: its waits end on whole milliseconds, too coarse for pacing,
/// and one or two sockets are the rule.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxUdpPoller : UdpPoller
{
    private readonly SafeFileHandle _wake;
    private readonly List<UdpChannel> _channels = [];
    private Libc.PollDescriptor[] _descriptors = new Libc.PollDescriptor[4]; // the event, then the channels in their order

    public LinuxUdpPoller()
    {
        var wake = Libc.EventDescriptor(0, Libc.EfdCloexecNonblock);
        if (wake < 0) { throw new SocketException(Marshal.GetLastPInvokeError()); }
        _wake = new(wake, ownsHandle: true);
        _descriptors[0] = new() { Descriptor = wake, Events = Libc.PollIn };
    }

    public override void Add(UdpChannel channel)
    {
        _channels.Add(channel);
        if (_channels.Count >= _descriptors.Length) { Array.Resize(ref _descriptors, 2 * _descriptors.Length); }
        _descriptors[_channels.Count] = new() { Descriptor = (int)channel.Socket.Handle, Events = Libc.PollIn };
    }

    public override void Remove(UdpChannel channel)
    {
        var index = _channels.IndexOf(channel);
        if (index < 0) { return; }
        _channels[index] = _channels[^1];
        _descriptors[index + 1] = _descriptors[_channels.Count];
        _channels.RemoveAt(_channels.Count - 1);
    }

    public override void WatchRoom(UdpChannel channel, bool watch)
    {
        var index = _channels.IndexOf(channel);
        if (index >= 0) { _descriptors[index + 1].Events = (short)(Libc.PollIn | (watch ? Libc.PollOut : 0)); }
    }

    public override bool Wait(TimeSpan timeout)
    {
        ClearReady();
        var time = Libc.TimeSpec.From(timeout);
        fixed (Libc.PollDescriptor* descriptors = _descriptors)
        {
            // A signal ends the wait early and harmlessly: the loop looks at the time anyway.
            var ready = Libc.Poll(descriptors, (nuint)_channels.Count + 1, timeout == Timeout.InfiniteTimeSpan ? null : &time, null);
            if (ready <= 0) { return ready < 0; }
        }

        if (_descriptors[0].Returned != 0)
        {
            ulong count;
            _ = Libc.Read(_wake, &count, sizeof(ulong));
        }
        for (var i = 0; i < _channels.Count; i++)
        {
            if (_descriptors[i + 1].Returned != 0) { AddReady(_channels[i]); }
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

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _wake.Dispose(); }
    }
}
