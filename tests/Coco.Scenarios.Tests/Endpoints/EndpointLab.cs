using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Kernel;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.Scenarios.Tests.Endpoints;

/// <summary>Two homes, an endpoint in each, two relays, and a flow of bytes from one endpoint to the other and back.</summary>
internal sealed class EndpointLab : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FlowLifetime = TimeSpan.FromSeconds(60);

    private readonly KernelInternet _internet;
    private readonly List<LabNode> _relays = [];
    private readonly List<KernelHost> _relayHosts = [];
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

    private IReadOnlyList<RelayInfo> Relays => [.. _relays.Select(relay => relay.ToRelay())];

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
        await Task.WhenAll(Connection.WaitForPathAsync(predicate, over.Token), Accepted.WaitForPathAsync(predicate, over.Token));
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
        _internet.Dispose();
    }

    private async Task BuildAsync(NatKind caller, NatKind callee, HomeOptions? callerHome, HomeOptions? calleeHome)
    {
        _relayHosts.AddRange([_internet.AddServer("relay one", "198.51.100.10"), _internet.AddServer("relay two", "198.51.100.11")]);
        CallerHome = _internet.AddHome("caller's home", caller, callerHome);
        CalleeHome = _internet.AddHome("callee's home", callee, calleeHome);
        OtherHome = _internet.AddHome("other home", NatKind.PortRestricted);
        var (callerHost, calleeHost) = (CallerHome.AddHost("caller"), CalleeHome.AddHost("callee"));
        _internet.Start();

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
