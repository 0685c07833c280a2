using System.Threading.Channels;
using Coco.Traversal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport.Discovery;

/// <summary>
/// Runs a core that multicasts on all LANs of this machine, from <see cref="Start"/> until it is disposed of. One loop owns the core;
/// sockets and timer hand it inputs.
/// </summary>
internal sealed class MulticastService : IAsyncDisposable
{
    // Chosen: a burst of answers from a LAN full of devices; what is beyond is lost, as UDP may be.
    private const int MaxInputs = 256;

    private readonly MulticastOptions _options;
    private readonly IMulticastCore _core;
    private readonly MulticastSockets _sockets;
    private readonly ITimer _timer;
    private readonly long _start;
    private readonly Channel<Action<IMulticastCore>> _inputs =
        Channel.CreateBounded<Action<IMulticastCore>>(new BoundedChannelOptions(MaxInputs) { SingleReader = true });
    private int _networkHasChanged;
    private Task? _loop;
    private bool _isDisposed;

    public MulticastService(IMulticastCore core, MulticastOptions? options = null, ILogger? logger = null)
    {
        (_core, _options) = (core, options ?? new());
        _start = _options.Time.GetTimestamp();
        _sockets = new(_options, logger ?? NullLogger.Instance, OnDatagram);
        _timer = _options.Time.CreateTimer(_ => Post(_ => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    // The core was made at zero of the same clock.
    private TimeSpan Now => _options.Time.GetElapsedTime(_start);

    /// <summary>Opens the sockets and begins.</summary>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_loop is not null) { throw new InvalidOperationException("The service has been started before."); }
        _loop = Task.Run(RunAsync);
        HandleNetworkChange();
    }

    /// <summary>Looks at the interfaces again; for whoever hears that the network, or what the node listens at, has changed. From any thread.</summary>
    public void HandleNetworkChange()
    {
        Volatile.Write(ref _networkHasChanged, 1); // a full queue must not lose this
        Post(_ => { });
    }

    /// <summary>Says goodbye and closes the sockets. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        _inputs.Writer.TryComplete();
        if (_loop is not null) { await _loop.ConfigureAwait(false); }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _sockets.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await foreach (var input in _inputs.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            input(_core);
            if (Interlocked.Exchange(ref _networkHasChanged, 0) != 0) { UpdateNetwork(); }
            if (_core.Deadline <= Now) { _core.HandleTimeout(Now); }
            Flush();
            var wait = _core.Deadline == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : _core.Deadline - Now;
            _timer.Change(wait == Timeout.InfiniteTimeSpan || wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        _core.Stop();
        Flush();
    }

    private void UpdateNetwork()
    {
        var interfaces = _options.ReadInterfaces();
        _sockets.Update(interfaces);
        _core.HandleNetwork(interfaces, Now);
    }

    private void Flush()
    {
        while (_core.TryTakeDatagram(out var datagram)) { _sockets.Send(datagram); }
        _core.DrainEvents();
    }

    private void OnDatagram(int interfaceIndex, NetworkAddress from, byte[] datagram) =>
        Post(core => core.HandleDatagram(interfaceIndex, from, datagram, Now));

    // A full queue loses a datagram, or a timeout: deadlines are looked at after every input.
    private void Post(Action<IMulticastCore> input) => _inputs.Writer.TryWrite(input);
}
