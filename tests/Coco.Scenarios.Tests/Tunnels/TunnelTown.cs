using Coco.Cluster.Policies;
using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Kernel;
using Coco.Scenarios.Tests.Networks;
using Coco.Tunnels;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>
/// Ada, who offers services, and Bob, who uses them, each in a home of its own behind the kernel's NATs, joined by ticket. What they say to each
/// other crosses the lab; their programs and the tunnels' local ends are on this machine's loopback.
/// </summary>
internal sealed class TunnelTown : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly KernelInternet _internet = KernelLab.Create();
    private readonly CancellationTokenSource _over = new(Seconds);
    private LabNode? _relay;
    private LabCitizen? _ada;
    private LabCitizen? _bob;
    private KernelRouter? _otherHome;

    private TunnelTown()
    {
    }

    // Chosen: far more than a full run takes on a busy machine.
    private static TimeSpan Seconds => TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 600 : 120);

    public Node Ada => _ada!.Node;

    public Node Bob => _bob!.Node;

    public KernelRouter BobsHome { get; private set; } = null!;

    /// <summary>Ends whatever a test waits for.</summary>
    public CancellationToken Over => _over.Token;

    public static async Task<TunnelTown> StartAsync(NatKind adas = NatKind.PortRestricted, NatKind bobs = NatKind.PortPreserving, HomeOptions? bobsHome = null, string rules = "allow service * from anyone\nallow subscribe # from anyone\n")
    {
        var town = new TunnelTown();
        try
        {
            await town.BuildAsync(adas, bobs, bobsHome, rules);
            return town;
        }
        catch
        {
            await town.DisposeAsync();
            throw;
        }
    }

    /// <summary>Offers what is at Ada's to Bob, at a local end of his.</summary>
    public async Task<Tunnel> OpenAsync(TunnelEnd target)
    {
        await Ada.Tunnels.PublishAsync("service", target);
        return await Bob.Tunnels.OpenAsync("ada", "service", target.Kind is TunnelKind.Udp ? TunnelEnd.Udp(0) : TunnelEnd.Tcp(0), LocalAccess.SameUser);
    }

    /// <summary>Bob is in another network from now on, or seen at another address.</summary>
    public void Roam(Roam how)
    {
        switch (how)
        {
            case Tunnels.Roam.ToAnotherHome:
                _bob!.Home.MoveTo(_otherHome!);
                _bob.AnnounceNetworkChange();
                break;
            case Tunnels.Roam.ToAnotherLease:
                _bob!.Home.Renew();
                _bob.AnnounceNetworkChange();
                break;
            default:
                BobsHome.Reboot(); // nobody tells him
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_bob is not null) { await _bob.DisposeAsync(); }
        if (_ada is not null) { await _ada.DisposeAsync(); }
        if (_relay is not null) { await _relay.DisposeAsync(); }
        _internet.Dispose();
        _over.Dispose();
    }

    private async Task BuildAsync(NatKind adas, NatKind bobs, HomeOptions? bobsHome, string rules)
    {
        var relay = _internet.AddServer("relay", "198.51.100.10");
        var ada = _internet.AddHome("ada's home", adas).AddHost("ada");
        BobsHome = _internet.AddHome("bob's home", bobs, bobsHome ?? new());
        var bob = BobsHome.AddHost("bob");
        _otherHome = _internet.AddHome("another home", NatKind.PortRestricted);
        _internet.Start();
        _relay = await LabNode.StartRelayAsync(relay);

        _ada = await LabCitizen.FoundAsync(ada, [_relay.ToRelay()]).WaitAsync(Patience);
        Assert.True(Policy.TryParse("coco policy 1\n" + rules, out var policy, out var error), error);
        await Ada.SetPolicyAsync(policy, Over);
        _bob = await LabCitizen.JoinAsync(bob, await Ada.InviteAsync(new(), Over), [_relay.ToRelay()]).WaitAsync(Patience);
        foreach (var one in (LabCitizen[])[_ada, _bob]) { await one.UntilReachesAsync([_ada, _bob], Patience); }
    }
}
