using Coco.Lab.Kernel;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Kernel;

namespace Coco.Scenarios.Tests.Networks;

/// <summary>What nodes know of their links: how long they are, and whether anybody is at the other end.</summary>
[Collection(EndpointLab.Collection)]
public sealed class LinkWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<LabCitizen> _citizens = [];
    private KernelInternet? _internet;

    [Fact]
    public async Task A_node_that_died_without_a_word_is_missed_soon_after_something_was_said_to_it()
    {
        _internet = KernelLab.Create();
        var hosts = Enumerable.Range(1, 3).Select(number => _internet.AddServer($"node {number}", $"198.51.100.{30 + number}")).ToArray();
        await StartAsync(hosts);
        var (ada, bob, gone) = (_citizens[0].Node, _citizens[1], _citizens[2]);

        hosts[2].Unplug();
        await ada.RenameAsync(bob.Node.Id, "robert");

        // Its connections would be kept for two minutes.
        await bob.UntilAsync(node => node.Peers.Any(peer => peer.Id == gone.Node.Id && !peer.IsReachable), TimeSpan.FromSeconds(40));
        await _citizens[0].UntilAsync(node => node.Peers.Any(peer => peer.Id == gone.Node.Id && !peer.IsReachable), TimeSpan.FromSeconds(20));
        Assert.Contains(ada.Peers, peer => peer.Id == bob.Node.Id && peer.IsReachable);
    }

    [Fact]
    public async Task The_graph_says_how_long_links_are_also_those_of_others()
    {
        _internet = KernelLab.CreateForDelays();
        var near = _internet.AddServer("near", "198.51.100.31");
        var far = _internet.AddServer("far", new LineConditions { Delay = TimeSpan.FromMilliseconds(40) }, "198.51.100.32");
        var other = _internet.AddServer("other", "198.51.100.33");
        await StartAsync([near, far, other]);

        await _citizens[2].UntilAsync(node => Length(node, _citizens[0], _citizens[1]) is > 70 and < 140, Patience);
        await _citizens[1].UntilAsync(node => Length(node, _citizens[0], _citizens[2]) is > 0 and < 30, Patience);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var citizen in _citizens) { await citizen.DisposeAsync(); }
        _internet?.Dispose();
    }

    private static double? Length(Node node, LabCitizen from, LabCitizen to) =>
        node.Graph.Links.FirstOrDefault(link => link.From == from.Node.Id && link.To == to.Node.Id)?.RoundTripTime.TotalMilliseconds;

    private async Task StartAsync(KernelHost[] hosts)
    {
        _internet!.Start();
        _citizens.Add(await LabCitizen.FoundAsync(hosts[0], []).WaitAsync(Patience));
        foreach (var host in hosts[1..])
        {
            var ticket = await _citizens[0].Node.InviteAsync();
            _citizens.Add(await LabCitizen.JoinAsync(host, ticket, []).WaitAsync(Patience));
        }
        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, Patience); }
    }
}
