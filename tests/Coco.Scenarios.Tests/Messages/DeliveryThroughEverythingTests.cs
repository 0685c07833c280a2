using System.Diagnostics;
using System.Net;
using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Kernel;
using Coco.Scenarios.Tests.Tunnels;
using Coco.Tests.Messages;

namespace Coco.Scenarios.Tests.Messages;

/// <summary>
/// Nodes in processes of their own, each behind a NAT of the kernel's, send to each other while all of it happens at once: they are killed (SIGKILL) and started again,
/// parted by rules of nftables and pulled cables, moved to other homes, and forgotten by their routers. What was queued arrives, in order for each pair, and what was
/// completed is not handed out again. With COCO_ALL=1 ten nodes and 100,080 messages.
/// </summary>
[Collection(EndpointLab.Collection)]
public sealed class DeliveryThroughEverythingTests(ITestOutputHelper output) : IAsyncDisposable
{
    private static readonly bool IsAll = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly int Nodes = IsAll ? 10 : 3;
    private static readonly int Messages = IsAll ? 1112 : 160; // of each to each
    private static readonly int Kills = IsAll ? 40 : 4;
    private static readonly int Troubles = IsAll ? 50 : 6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(IsAll ? 1500 : 1000); // after each sixteen, so that what disturbs finds something under way
    private static readonly NatKind[] Kinds = [NatKind.PortRestricted, NatKind.PortPreserving, NatKind.Symmetric, NatKind.Open];

    private readonly CancellationTokenSource _over = new(TimeSpan.FromMinutes(IsAll ? 25 : 4));
    private readonly KernelInternet _internet = KernelLab.Create();
    private readonly LabFolder _folder = new();
    private readonly List<KernelHost> _hosts = [];
    private readonly List<KernelRouter> _homes = []; // where each is now
    private readonly SortedDictionary<string, int> _troubles = new(StringComparer.Ordinal);
    private readonly MortalNode[] _nodes = new MortalNode[Nodes];
    private KernelRouter _spare = null!;
    private KernelHost _relayHost = null!, _hubHost = null!;
    private LabNode? _relay;
    private NamespaceNetwork? _hubNetwork;
    private Node? _hub;

    [Fact]
    public async Task Messages_of_nodes_that_are_killed_parted_and_moved_at_once_arrive_in_order_and_none_that_was_completed_comes_again()
    {
        await BuildAsync();
        var started = Stopwatch.GetTimestamp();
        foreach (var node in _nodes) { await node.SendToAsync(_nodes); }
        await Task.WhenAll(KillAsync(), TroubleAsync());
        var calm = Stopwatch.GetElapsedTime(started);
        while (_nodes.Any(node => !node.HasAll(_nodes, Messages))) { await Task.Delay(IsAll ? 2000 : 200, _over.Token); }
        var end = Stopwatch.GetElapsedTime(started);
        foreach (var node in _nodes) { node.Check(_nodes, Messages); }
        output.WriteLine($"{Nodes} nodes, {Nodes * (Nodes - 1) * Messages:N0} messages, {Kills} kills; {string.Join(", ", _troubles.Select(static one => $"{one.Value} times {one.Key}"))}: "
            + $"{_nodes.Sum(static node => node.Begun):N0} handed out, {_nodes.Sum(static node => node.Redelivered):N0} of them again, all after {end.TotalSeconds:F0} s, {(end - calm).TotalSeconds:F0} s after the last trouble");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) { node?.Dispose(); }
        if (_hub is not null) { await _hub.DisposeAsync(); }
        if (_relay is not null) { await _relay.DisposeAsync(); }
        _hubNetwork?.Dispose();
        _internet.Dispose();
        _folder.Dispose();
        _over.Dispose();
    }

    // The founder has public addresses, invites, and stays: who comes back finds somebody.
    private async Task BuildAsync()
    {
        _relayHost = _internet.AddServer("relay", "198.51.100.10");
        _hubHost = _internet.AddServer("hub", "198.51.100.20");
        for (var i = 0; i < Nodes; i++) { _homes.Add(_internet.AddHome($"home {i}", Kinds[i % Kinds.Length])); }
        _hosts.AddRange(_homes.Select(static (home, i) => home.AddHost($"node {i}")));
        _spare = _internet.AddHome("spare", NatKind.PortRestricted);
        _internet.Start();
        _relay = await LabNode.StartRelayAsync(_relayHost);
        var relay = _relay.ToRelay();
        relay = new(relay.Id, relay.Addresses, null); // the laboratory has no names
        _hubNetwork = new(_hubHost.Namespace);
        var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Any, 0)], Relays = [relay] }, _hubNetwork);
        _hub = await Node.CreateNetworkAsync(new() { Name = "town" }, new() { Name = "hub", App = new(MessageChild.App), Host = host, DiscoverOnLan = false }, _over.Token);
        for (var i = 0; i < Nodes; i++)
        {
            var folder = _folder.PathOf($"node{i}");
            Directory.CreateDirectory(folder);
            var (ticket, space) = ((await _hub.InviteAsync(null, _over.Token)).ToText(), _hosts[i].Namespace.HandlePath);
            _nodes[i] = new(folder, () => MessageChild.Start(folder, ticket, Messages, Pause, $"{relay.Id}@{string.Join(',', relay.Addresses)}", space));
            await _nodes[i].StartAsync(_over.Token);
        }
    }

    private async Task KillAsync()
    {
        var random = new Random(7);
        for (var i = 0; i < Kills; i++)
        {
            await Task.Delay(random.Next(200, 1500), _over.Token);
            await _nodes[random.Next(Nodes)].CrashAsync(_nodes, _over.Token);
        }
    }

    private async Task TroubleAsync()
    {
        var random = new Random(5);
        for (var i = 0; i < Troubles; i++)
        {
            await Task.Delay(random.Next(200, 1200), _over.Token);
            var (who, time) = (random.Next(Nodes), TimeSpan.FromMilliseconds(random.Next(1000, 3500)));
            var what = await ((i % 6) switch
            {
                0 => PartAsync(who, Enumerable.Range(0, Nodes).Where(other => other != who).Select(other => _homes[other].OuterAddress).Append(_hubHost.Address), time, "parted from all"),
                1 => RoamAsync(who),
                2 => UnplugAsync(who, time),
                3 => PartAsync(who, [_homes[(who + 1) % Nodes].OuterAddress], time, "parted from one other and the relay"),
                4 => RenewAsync(who),
                _ => ForgetAsync(who),
            });
            _troubles[what] = _troubles.GetValueOrDefault(what) + 1;
        }
    }

    private async Task<string> PartAsync(int who, IEnumerable<IPAddress> others, TimeSpan time, string what)
    {
        foreach (var address in others.Append(_relayHost.Address).ToArray())
        {
            _internet.Sever(_homes[who].OuterAddress, address);
            _internet.Sever(address, _homes[who].OuterAddress);
        }
        await Task.Delay(time, _over.Token);
        _internet.Mend();
        return what;
    }

    private async Task<string> UnplugAsync(int who, TimeSpan time)
    {
        _hosts[who].Unplug();
        await Task.Delay(time, _over.Token);
        _hosts[who].Plug(_homes[who]);
        return "without a cable";
    }

    private Task<string> RoamAsync(int who)
    {
        (_homes[who], _spare) = (_spare, _homes[who]);
        _hosts[who].MoveTo(_homes[who]);
        return Task.FromResult("moved to another home");
    }

    private Task<string> RenewAsync(int who)
    {
        _hosts[who].Renew();
        return Task.FromResult("given another address");
    }

    private Task<string> ForgetAsync(int who)
    {
        _homes[who].Reboot();
        return Task.FromResult("forgotten by the router");
    }
}
