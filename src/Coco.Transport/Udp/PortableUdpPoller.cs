using System.Net.Sockets;

namespace Coco.Transport.Udp;

/// <summary>.NET's select over all sockets. For every system, and for comparison on Linux.</summary>
internal sealed class PortableUdpPoller : UdpPoller
{
    private readonly Socket _wake = WakeSocket.Create();
    private readonly Dictionary<Socket, UdpChannel> _channels = [];
    private readonly List<Socket> _watched = [];
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];

    public override void Add(UdpChannel channel) => _channels.Add(channel.Socket, channel);

    public override void Remove(UdpChannel channel)
    {
        _channels.Remove(channel.Socket);
        _watched.Remove(channel.Socket);
    }

    public override void WatchRoom(UdpChannel channel, bool watch)
    {
        _watched.Remove(channel.Socket);
        if (watch) { _watched.Add(channel.Socket); }
    }

    public override bool Wait(TimeSpan timeout)
    {
        ClearReady();
        _readable.Clear();
        _readable.Add(_wake);
        foreach (var socket in _channels.Keys) { _readable.Add(socket); }
        _writable.Clear();
        _writable.AddRange(_watched);

        Socket.Select(_readable, _writable, null, timeout < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : timeout);
        foreach (var socket in _readable)
        {
            if (_channels.TryGetValue(socket, out var channel)) { AddReady(channel); }
            else { WakeSocket.Drain(_wake); }
        }
        foreach (var socket in _writable)
        {
            if (!_readable.Contains(socket)) { AddReady(_channels[socket]); }
        }
        return _readable.Count + _writable.Count > 0;
    }

    public override void Wake() => WakeSocket.Wake(_wake);

    // Select has no timer among its sockets: who waits looks at the time at once, and waits again.
    public override void WakeAfter(TimeSpan wait) => Wake();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _wake.Dispose(); }
    }
}
