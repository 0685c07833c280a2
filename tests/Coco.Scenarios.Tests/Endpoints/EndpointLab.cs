using System.Diagnostics;
using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Kernel;
using Coco.Transport;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Scenarios.Tests.Endpoints;

/// <summary>Two homes, an endpoint in each, two relays, and a flow of bytes from one endpoint to the other and back.</summary>
internal sealed class EndpointLab : IAsyncDisposable
{
    /// <summary>Of tests that bound gaps in real time: one at once, or they measure each other.</summary>
    public const string Collection = "endpoints on the kernel's network";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FlowLifetime = TimeSpan.FromSeconds(60);

    private readonly KernelInternet _internet;
    private readonly List<LabNode> _relays = [];
    private readonly List<KernelHost> _relayHosts = [];
    private readonly List<PlaintextWatch> _watches = [];
    private EchoService? _service;

    private EndpointLab(KernelInternet internet) => _internet = internet;

    public KernelRouter CallerHome { get; private set; } = null!;

    public KernelRouter CalleeHome { get; private set; } = null!;

    /// <summary>A home that the caller can move to.</summary>
    public KernelRouter OtherHome { get; private set; } = null!;

    public LabNode Caller { get; private set; } = null!;

    public LabNode Callee { get; private set; } = null!;

    public Connection Connection { get; private set; } = null!;

    /// <summary>The callee's end.</summary>
    public Connection Accepted { get; private set; } = null!;

    public EchoFlow Flow { get; private set; } = null!;

    /// <summary>For calls of a test's own.</summary>
    public IReadOnlyList<RelayInfo> Relays => [.. _relays.Select(relay => relay.ToRelay())];

    /// <summary>Builds it, calls, and lets bytes flow. Homes without UDP have relays over TCP at the time of the call.</summary>
    public static async Task<EndpointLab> StartAsync(NatKind caller, NatKind callee, HomeOptions? callerHome = null, HomeOptions? calleeHome = null)
    {
        var lab = new EndpointLab(KernelLab.Create());
        try
        {
            await lab.BuildAsync(caller, callee, callerHome, calleeHome);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the caller, and the callee, send on such a path.</summary>
    public async Task UntilPathAsync(Func<PathSnapshot, bool> predicate, TimeSpan? within = null)
    {
        using var over = new CancellationTokenSource(within ?? Patience);
        try
        {
            await Task.WhenAll(Connection.WaitForPathAsync(predicate, over.Token), Accepted.WaitForPathAsync(predicate, over.Token));
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            Assert.Fail($"no such path: {Connection.ActivePath}: {Connection.Verdict}; {Accepted.ActivePath}: {Accepted.Verdict}");
        }
    }

    /// <summary>Ends the flow: every byte has come once and in its place, no relay has read one, and what both sides say of their path is so.</summary>
    public async Task FinishAsync()
    {
        await Flow.FinishAsync();
        Assert.All(_watches, static watch => Assert.Equal(0, watch.Plaintexts));
        Assert.Contains(_watches, static watch => watch.Packets > 0);
        await UntilAsync(() => IsVerdictFitting(Connection) && IsVerdictFitting(Accepted));
    }

    /// <summary>The same, and it is this that they say.</summary>
    public async Task FinishAsync(VerdictCode expected)
    {
        await FinishAsync();
        await UntilAsync(() => Connection.Verdict?.Code == expected && Accepted.Verdict?.Code == expected);
    }

    /// <summary>Lets the relay that the connection uses send its clients elsewhere, and stops it when they have gone.</summary>
    public async Task DrainRelayInUseAsync()
    {
        var address = Connection.ActivePath!.RemoteEndPoint.Address;
        var relay = _relays.Single(relay => relay.Host.Address.Equals(address));
        await relay.Endpoint.DrainRelayAsync(TimeSpan.FromSeconds(3));
        await relay.DisposeAsync();
    }

    /// <summary>Moves the caller to another home and tells it so. Returns how long it had no network meanwhile, which is the laboratory's work.</summary>
    public TimeSpan MoveCaller(KernelRouter home)
    {
        var start = Stopwatch.GetTimestamp();
        Caller.Host.MoveTo(home);
        Caller.AnnounceNetworkChange();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Stops the relay that the connection uses.</summary>
    public async Task StopRelayInUseAsync()
    {
        var address = Connection.ActivePath!.RemoteEndPoint.Address;
        var relay = _relays.Single(relay => relay.Host.Address.Equals(address));
        await relay.DisposeAsync();
    }

    /// <summary>Cuts the line of the relay that the connection uses: it says nothing any more, not even good-bye.</summary>
    public void CutRelayInUse()
    {
        var address = Connection.ActivePath!.RemoteEndPoint.Address;
        _relayHosts.Single(host => host.Address.Equals(address)).Unplug();
    }

    public async ValueTask DisposeAsync()
    {
        if (Flow is not null) { await Flow.DisposeAsync(); }
        if (Caller is not null) { await Caller.DisposeAsync(); }
        if (Callee is not null) { await Callee.DisposeAsync(); }
        if (_service is not null) { await _service.DisposeAsync(); }
        foreach (var relay in _relays) { await relay.DisposeAsync(); }
        foreach (var watch in _watches) { await watch.DisposeAsync(); }
        _internet.Dispose();
    }

    private static bool IsVerdictFitting(Connection connection)
    {
        var isDirect = connection.Verdict?.Code is VerdictCode.Direct or VerdictCode.DirectLan or VerdictCode.DirectIpv6;
        var isTcp = connection.Verdict?.Code is VerdictCode.DirectTcp;
        return connection.ActivePath?.Type switch
        {
            PathType.Udp => isDirect,
            PathType.Tcp => isTcp,
            _ => !isDirect && !isTcp && connection.Verdict?.Code is not (null or VerdictCode.NoPath),
        };
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var over = new CancellationTokenSource(Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition() && !over.IsCancellationRequested) { await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken); }
        Assert.True(condition(), $"{Connection.ActivePath}: {Connection.Verdict}; {Accepted.ActivePath}: {Accepted.Verdict}");
    }

    private async Task BuildAsync(NatKind caller, NatKind callee, HomeOptions? callerHome, HomeOptions? calleeHome)
    {
        _relayHosts.AddRange([_internet.AddServer("relay one", "198.51.100.10"), _internet.AddServer("relay two", "198.51.100.11")]);
        CallerHome = _internet.AddHome("caller's home", caller, callerHome);
        CalleeHome = _internet.AddHome("callee's home", callee, calleeHome);
        OtherHome = _internet.AddHome("other home", NatKind.PortRestricted);
        var (callerHost, calleeHost) = (CallerHome.AddHost("caller"), CalleeHome.AddHost("callee"));
        _internet.Start();

        _watches.AddRange(_relayHosts.Select(static host => new PlaintextWatch(host)));
        foreach (var host in _relayHosts) { _relays.Add(await LabNode.StartRelayAsync(host)); }
        Callee = await LabNode.StartAsync(calleeHost, Relays);
        Caller = await LabNode.StartAsync(callerHost, Relays);
        _service = new(Callee.Endpoint);
        await Task.WhenAll(Caller.ReadyAsync(_relays.Count, Patience), Callee.ReadyAsync(_relays.Count, Patience));
        Connection = await Caller.Endpoint.ConnectAsync(Callee.Id, new() { Relays = Relays });
        Flow = await EchoFlow.StartAsync(Connection, FlowLifetime);
        Accepted = await _service.ConnectionOf(Caller.Id).WaitAsync(Patience);
        await Flow.ContinueAsync(10_000);
    }
}
