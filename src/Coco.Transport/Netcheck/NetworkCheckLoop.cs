using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Quic;
using Coco.Quic.Connections;
using Coco.Transport.Links;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;
using Coco.Traversal.Stun;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport.Netcheck;

/// <summary>
/// Looks at the NAT and calls every relay by every way, on the thread that calls <see cref="Run"/>. Not an <see cref="Endpoint"/>: that
/// keeps the first way that works and is silent about the others.
/// </summary>
internal sealed partial class NetworkCheckLoop : ILinkSink, IAsyncDisposable
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5); // chosen: relays farther away than that are no use

    // Chosen: as many as may be given, so that nobody who was given stays unasked.
    private const int MaxObservers = 16;

    private readonly IdentityKey _identity = IdentityKey.Generate();
    private readonly List<UdpChannel> _channels = [];
    private readonly List<RelayCall> _calls = [];
    private readonly ConcurrentQueue<Action> _news = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
    private readonly long _start = Stopwatch.GetTimestamp() - Stopwatch.Frequency; // zero is never a time
    private readonly NetworkCheckOptions _options;
    private readonly HostNetwork _network;
    private readonly IReadOnlyList<InterfaceAddress> _interfaces;
    private readonly UdpPoller _poller;
    private readonly PathTable _paths;
    private readonly QuicEndpoint _quic;
    private readonly NatProber _prober;
    private readonly LinkSet _links;
    private NetworkAddress[] _observers = [];

    public NetworkCheckLoop(NetworkCheckOptions options, HostNetwork network, IReadOnlyList<InterfaceAddress> interfaces)
    {
        (_options, _network, _interfaces) = (options, network, interfaces);
        var logger = options.LoggerFactory?.CreateLogger("Coco.Transport.Netcheck") ?? NullLogger.Instance;
        Span<byte> tagKey = stackalloc byte[32];
        RandomSource.System.Fill(tagKey);
        _paths = new(tagKey, capacity: 10_000);
        _quic = new(
            new()
            {
                Identities = [_identity],
                AcceptConnections = false,
                ApplicationProtocols = [RoamingOptions.RelayProtocol],
                Connection = new QuicOptions { HandshakeTimeout = AttemptTimeout },
                ReportsReady = true,
            },
            RandomSource.System, logger);
        _prober = new(new() { MaxObservers = MaxObservers }, RandomSource.System, logger);
        _links = new(this, new() { OpenTimeout = AttemptTimeout, CloseTimeout = TimeSpan.Zero }, network.CreateTcpSocket, logger: logger);
        _poller = UdpPoller.Create();
    }

    private TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>Asks everything and answers when all is known, or the time is over.</summary>
    public NetworkMeasurement Run(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var wake = cancellationToken.Register(_poller.Wake);
        var end = Now + timeout;
        Begin();
        while (!IsDone && Now < end && !cancellationToken.IsCancellationRequested) { Turn(end); }
        var relays = _options.Relays
            .Select(relay => new RelayCheck(relay, [.. _calls.Where(call => ReferenceEquals(call.Relay, relay)).Select(call => call.ToAttempt())]))
            .ToArray();
        End();
        return new(_prober.Ipv4, _prober.Ipv6, relays);
    }

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync().ConfigureAwait(false);
        _quic.Dispose();
        foreach (var channel in _channels) { channel.Dispose(); }
        _poller.Dispose();
        _identity.Dispose();
    }

    private bool IsDone => _calls.TrueForAll(call => call.IsSettled) && IsKnown(isIpv4: true, _prober.Ipv4) && IsKnown(isIpv4: false, _prober.Ipv6);

    private bool IsKnown(bool isIpv4, NatReport? report) => report is { IsComplete: true } || !CanAsk(isIpv4);

    private bool CanAsk(bool isIpv4) => Array.Exists(_observers, observer => observer.IsIpv4 == isIpv4)
        && _channels.Exists(channel => isIpv4 ? channel.IsIpv4 : channel.IsIpv6)
        && _interfaces.Any(one => one.Address.IsIpv4 == isIpv4 && !one.Address.IsLinkLocal);

    private void Begin()
    {
        // The first socket does everything, the second one only what needs a socket that has sent to nobody (hairpin, filtering).
        var (first, second) = (Open(), Open());
        _observers =
        [
            .. _options.Relays.SelectMany(relay => relay.Addresses)
                .Concat(_options.StunServers.Select(server => server.ToNetworkAddress())).Distinct(),
        ];
        _prober.UseSecondSocket(SocketOf(second), Now);
        _prober.SetObservers(_observers, Now);
        _prober.HandleNetwork(new([SocketOf(first)], _interfaces), Now);
        foreach (var relay in _options.Relays)
        {
            foreach (var address in relay.Addresses) { Call(new(relay, RelayTransport.Udp, address, url: null), first); }
            foreach (var address in relay.Addresses) { Call(new(relay, RelayTransport.Tcp, address, url: null), first); }
            if (relay.Url is { } url) { Call(new(relay, RelayTransport.WebSocket, default, url), first); }
        }
    }

    private void Call(RelayCall call, UdpChannel udp)
    {
        var request = _calls.Count;
        _calls.Add(call);
        switch (call.Transport)
        {
            case RelayTransport.Udp when !(call.Address.IsIpv4 ? udp.IsIpv4 : udp.IsIpv6): call.Failure = "this host has no such addresses"; break;
            case RelayTransport.Udp: Greet(call, new(LinkKind.Udp, udp.Number, call.Address)); break;
            case RelayTransport.Tcp: _links.OpenTcp(request, call.Address, fromListeningPort: false); break;
            default: _links.OpenWebSocket(request, call.Url!); break;
        }
    }

    private void Greet(RelayCall call, in Link link)
    {
        if (!_paths.TryGet(new(link), out var path)) { return; }
        call.Quic = _quic.Connect(path, new(call.Relay.Id, _identity), Now);
        call.Quic.Tag = call;
    }

    private UdpChannel Open()
    {
        UdpChannel channel;
        try
        {
            channel = _network.CreateUdp(new(IPAddress.IPv6Any, 0), new());
        }
        catch (SocketException)
        {
            channel = _network.CreateUdp(new(IPAddress.Any, 0), new()); // a system without IPv6
        }
        _channels.Add(channel);
        channel.Number = _channels.Count;
        _poller.Add(channel);
        return channel;
    }

    private static LocalSocket SocketOf(UdpChannel channel) => new(channel.Number, channel.IsIpv4, channel.IsIpv6, channel.LocalEndPoint.Port);

    private void End()
    {
        foreach (var call in _calls) { call.Quic?.Close(0, "", Now); }
        Flush();
    }
}
