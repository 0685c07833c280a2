namespace Coco.Transport.Udp;

/// <summary>
/// Waits for many channels at once: one or two serve all connections, some hundreds more while a hole is being punched.
/// One loop owns it; only <see cref="Wake"/> and <see cref="WakeAfter"/> may be called by other threads.
/// </summary>
internal abstract class UdpPoller : IDisposable
{
    private UdpChannel[] _ready = new UdpChannel[4];
    private int _readyCount;

    /// <summary>The channels for which the last <see cref="Wait"/> found datagrams, or room to send.</summary>
    public ReadOnlySpan<UdpChannel> Ready => _ready.AsSpan(0, _readyCount);

    public static UdpPoller Create(UdpOffload offload = UdpOffload.Auto) =>
        OperatingSystem.IsLinux() && offload is not UdpOffload.Portable ? new LinuxUdpPoller() : new PortableUdpPoller();

    /// <summary>Watches a channel for datagrams.</summary>
    public abstract void Add(UdpChannel channel);

    /// <summary>Forgets a channel; before it is disposed, for its number may soon be another socket's.</summary>
    public abstract void Remove(UdpChannel channel);

    /// <summary>Whether a channel is watched for room to send as well.</summary>
    public abstract void WatchRoom(UdpChannel channel, bool watch);

    /// <summary>
    /// Waits until a channel is ready, or <see cref="Wake"/> was called, or the time is over; fills <see cref="Ready"/>. True unless
    /// the time is over.
    /// </summary>
    public abstract bool Wait(TimeSpan timeout);

    /// <summary>Ends the running or the next <see cref="Wait"/>. From any thread, at any time, disposed or not.</summary>
    public abstract void Wake();

    /// <summary>Ends the running <see cref="Wait"/> after so long at the latest, in place of what was asked here before; a <see cref="Wait"/> may end early for it.
    /// From any thread, one at a time.</summary>
    public abstract void WakeAfter(TimeSpan wait);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    protected void ClearReady() => _readyCount = 0;

    protected void AddReady(UdpChannel channel)
    {
        if (_readyCount == _ready.Length) { Array.Resize(ref _ready, 2 * _ready.Length); }
        _ready[_readyCount++] = channel;
    }
}
