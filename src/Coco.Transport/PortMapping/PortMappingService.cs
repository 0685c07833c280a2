using System.Threading.Channels;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.PortMapping;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport.PortMapping;

/// <summary>
/// Keeps our ports mapped at the default routers, from <see cref="StartAsync"/> to <see cref="StopAsync"/>, and tells what they say.
/// One loop owns the core; sockets, timer and callers hand it inputs.
/// </summary>
internal sealed class PortMappingService : IAsyncDisposable
{
    // Chosen: a burst of answers from a LAN full of devices; what is beyond is lost, as UDP may be.
    private const int MaxInputs = 256;

    private readonly PortMappingOptions _options;
    private readonly ILogger _logger;
    private readonly MapperSockets _sockets;
    private readonly MapperHttp _http;
    private readonly ITimer _timer;
    private readonly long _start;
    private readonly CancellationTokenSource _ended = new();
    private readonly HashSet<Task> _requests = []; // of the loop alone
    private readonly Channel<Action<PortMapper>> _inputs = Channel.CreateBounded<Action<PortMapper>>(new BoundedChannelOptions(MaxInputs) { SingleReader = true });
    private IReadOnlyList<PortGateway> _gateways = []; // of the loop alone
    private volatile IReadOnlyList<PortMappingInfo> _mappings = [];
    private int _revision; // of the loop alone
    private int _networkHasChanged;
    private Task? _loop;
    private bool _isDisposed;

    public PortMappingService(PortMappingOptions? options = null, ILogger? logger = null)
    {
        _options = options ?? new();
        _logger = logger ?? NullLogger.Instance;
        _start = _options.Time.GetTimestamp();
        _sockets = new(_options, _logger, OnDatagram);
        _http = new(_options, _logger);
        _timer = _options.Time.CreateTimer(_ => Post(mapper => mapper.HandleTimeout(Now)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told whenever the list is another than before. On the service's loop: return soon, do not throw.</summary>
    public Action<IReadOnlyList<PortMappingInfo>>? Changed { get; init; }

    /// <summary>What routers say is mapped; from any thread.</summary>
    public IReadOnlyList<PortMappingInfo> Mappings => _mappings;

    /// <summary>Whether the routers have confirmed, by the end of <see cref="StopAsync"/>, that nothing of ours is left.</summary>
    public bool IsRemoved { get; private set; }

    private TimeSpan Now => _options.Time.GetElapsedTime(_start);

    /// <summary>Begins to ask. Answers come by <see cref="Changed"/>.</summary>
    /// <param name="udpPort">Our UDP port; 0 for none.</param>
    /// <param name="tcpPort">Our TCP port; 0 for none.</param>
    /// <param name="cancellationToken">Ends nothing that has begun.</param>
    public Task StartAsync(int udpPort, int tcpPort, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)udpPort, 65_535u, nameof(udpPort));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)tcpPort, 65_535u, nameof(tcpPort));
        if (_loop is not null) { throw new InvalidOperationException("The service has been started before."); }
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = new List<WantedMapping>();
        if (udpPort != 0) { wanted.Add(new(MappedTransport.Udp, udpPort)); }
        if (tcpPort != 0) { wanted.Add(new(MappedTransport.Tcp, tcpPort)); }
        _loop = Task.Run(() => RunAsync(new(wanted, _options.Mapper, RandomSource.System)), CancellationToken.None);
        HandleNetworkChange();
        return Task.CompletedTask;
    }

    /// <summary>Looks for the default routers again; for whoever hears that the network has changed.</summary>
    public void HandleNetworkChange()
    {
        Volatile.Write(ref _networkHasChanged, 1); // a full queue must not lose this
        Post(_ => { });
    }

    /// <summary>Removes the mappings, which takes <see cref="PortMapperOptions.StopTimeout"/> at most, and closes the sockets.</summary>
    /// <param name="cancellationToken">Ends the wait; what was not removed by then expires.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_loop is null) { return; }
        try
        {
            await _inputs.Writer.WriteAsync(mapper => mapper.Stop(Now), cancellationToken).ConfigureAwait(false);
            await _loop.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            await _loop.ConfigureAwait(false); // stopped before
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _sockets.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
        _ended.Dispose();
    }

    private async Task RunAsync(PortMapper mapper)
    {
        try
        {
            while (!mapper.IsStopped)
            {
                var input = await _inputs.Reader.ReadAsync().ConfigureAwait(false);
                input(mapper);
                if (Interlocked.Exchange(ref _networkHasChanged, 0) != 0) { UpdateGateways(mapper); }
                if (mapper.Deadline <= Now) { mapper.HandleTimeout(Now); }
                Flush(mapper);
            }
        }
        finally
        {
            _inputs.Writer.TryComplete();
            IsRemoved = mapper.IsRemoved;
            await _ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_requests).ConfigureAwait(false);
        }
    }

    private void Flush(PortMapper mapper)
    {
        while (mapper.TryTakeTransmit(out var transmit)) { _sockets.Send(transmit); }
        _requests.RemoveWhere(request => request.IsCompleted);
        while (mapper.TryTakeRequest(out var request)) { _requests.Add(AskAsync(request!)); }
        if (mapper.Revision != _revision)
        {
            _revision = mapper.Revision;
            Report(mapper.Mappings);
        }
        var wait = mapper.Deadline - Now ?? Timeout.InfiniteTimeSpan;
        _timer.Change(wait == Timeout.InfiniteTimeSpan ? wait : wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task AskAsync(MapperRequest request)
    {
        var (status, body) = await _http.SendAsync(request, _ended.Token).ConfigureAwait(false);
        try
        {
            await _inputs.Writer.WriteAsync(mapper => mapper.HandleResponse(request.Number, status, body, Now), _ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ChannelClosedException or OperationCanceledException)
        {
            // Stopped in between: nobody waits for the answer.
        }
    }

    private void UpdateGateways(PortMapper mapper)
    {
        _gateways = [.. _options.ReadGateways().Take(_options.Mapper.MaxGateways).Where(_sockets.TryOpen)];
        _sockets.CloseOthers(_gateways);
        _sockets.Listen(_gateways);
        mapper.HandleGateways(_gateways, Now);
    }

    // What comes to the port of announcements is for whoever has its sender as router.
    private void OnDatagram(NetworkAddress local, NetworkAddress source, byte[] datagram) => Post(mapper =>
    {
        if (!local.IsUnspecified)
        {
            mapper.HandleDatagram(local, source, datagram, Now);
            return;
        }
        foreach (var gateway in _gateways)
        {
            if (gateway.Router.HasSameHost(source)) { mapper.HandleDatagram(gateway.Local, source, datagram, Now); }
        }
    });

    // A full queue loses a datagram, or a timeout: deadlines are looked at after every input.
    private void Post(Action<PortMapper> input) => _inputs.Writer.TryWrite(input);

    private void Report(IReadOnlyList<PortMappingInfo> mappings)
    {
        foreach (var old in _mappings.Where(old => !mappings.Any(one => IsSame(one, old))))
        {
            PortMappingLog.Unmapped(_logger, old.Gateway, old.External, old.Transport, old.InternalPort);
        }
        foreach (var one in mappings.Where(one => !_mappings.Any(old => IsSame(one, old))))
        {
            PortMappingLog.Mapped(_logger, one.Gateway, one.External, one.Transport, one.InternalPort, one.Protocol, one.IsSuspicious);
        }
        _mappings = mappings;
        Changed?.Invoke(mappings);
    }

    // A renewal changes the expiry alone.
    private static bool IsSame(PortMappingInfo one, PortMappingInfo other) => one with { Expiry = other.Expiry } == other;
}
