using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Transport.Network;

/// <summary>The network of this machine.</summary>
internal sealed class SystemNetwork : HostNetwork
{
    // Chosen: one change of a network comes as several events, over some tens of milliseconds.
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(100);

    // Chosen: events are late, or missing, on some systems and in containers; reading the list costs far below a millisecond.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private readonly Func<IReadOnlyList<InterfaceAddress>> _read;
    private readonly Func<IReadOnlyList<InterfaceAddress>> _readShared;
    private readonly SleepDetector _sleep;
    private readonly ITimer _debounce;
    private readonly ITimer _poll;
    private readonly Lock _lock = new(); // guards _known against a tick that overtakes another
    private IReadOnlyList<InterfaceAddress> _known;

    public SystemNetwork()
        : this(SystemInterfaces.Read, SystemInterfaces.ReadShared, TimeProvider.System)
    {
        NetworkChange.NetworkAddressChanged += OnSystemEvent;
        NetworkChange.NetworkAvailabilityChanged += OnSystemEvent;
    }

    internal SystemNetwork(Func<IReadOnlyList<InterfaceAddress>> read, TimeProvider time)
        : this(read, read, time)
    {
    }

    // The timers' threads are all in the process's own network; whoever makes an endpoint may be in another one.
    private SystemNetwork(Func<IReadOnlyList<InterfaceAddress>> read, Func<IReadOnlyList<InterfaceAddress>> readShared, TimeProvider time)
    {
        (_read, _readShared) = (read, readShared);
        _known = read();
        _sleep = new(time);
        _debounce = time.CreateTimer(_ => Look(isForced: true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _poll = time.CreateTimer(_ => Look(_sleep.Observe(PollInterval)), null, PollInterval, PollInterval);
    }

    public override UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options) => UdpChannel.Bind(local, options);

    public override Socket CreateTcpSocket(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

    public override IReadOnlyList<InterfaceAddress> GetInterfaces() => _read();

    internal void OnSystemEvent(object? sender, EventArgs arguments)
    {
        try
        {
            _debounce.Change(Debounce, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // An event that was on its way when we were disposed.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        NetworkChange.NetworkAddressChanged -= OnSystemEvent;
        NetworkChange.NetworkAvailabilityChanged -= OnSystemEvent;
        _debounce.Dispose();
        _poll.Dispose();
    }

    // An event may tell of a route, which our list shows only in part: then the core looks again even if nothing differs here.
    private void Look(bool isForced)
    {
        var now = _readShared();
        lock (_lock)
        {
            if (!isForced && now.SequenceEqual(_known)) { return; }
            _known = now;
        }
        OnChanged();
    }
}
