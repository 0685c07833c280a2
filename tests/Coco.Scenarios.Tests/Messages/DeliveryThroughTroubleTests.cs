using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Kernel;
using Coco.Scenarios.Tests.Networks;
using Coco.Scenarios.Tests.Tunnels;

namespace Coco.Scenarios.Tests.Messages;

/// <summary>
/// Nodes behind the kernel's NATs send to each other while they are parted, by rules of nftables and by pulled cables, and while their addresses change.
/// With COCO_ALL=1 five nodes and 20,000 messages.
/// </summary>
[Collection(EndpointLab.Collection)]
public sealed class DeliveryThroughTroubleTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Batch = 10;

    private static readonly bool IsAll = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly int Nodes = IsAll ? 5 : 3;
    private static readonly int Count = IsAll ? 1000 : 200; // of each to each
    private static readonly int Troubles = IsAll ? 24 : 6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(IsAll ? 500 : 400); // after each batch, so that trouble finds something under way
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly NatKind[] Kinds = [NatKind.PortRestricted, NatKind.PortPreserving, NatKind.Symmetric, NatKind.Open, NatKind.PortRestricted];

    private readonly CancellationTokenSource _over = new(TimeSpan.FromMinutes(IsAll ? 10 : 4));
    private readonly KernelInternet _internet = KernelLab.Create();
    private readonly LabFolder _folder = new();
    private readonly List<LabCitizen> _citizens = [];
    private readonly List<KernelRouter> _homes = []; // where each is now
    private readonly List<string> _troubles = [];
    private KernelRouter? _spare;
    private KernelHost? _relayHost;
    private LabNode? _relay;

    [Fact]
    public async Task What_is_sent_through_partitions_and_roams_is_handled_once_and_in_the_order_of_its_sender()
    {
        await BuildAsync();
        var started = Stopwatch.GetTimestamp();
        var receiving = _citizens.Select(ReceiveAsync).ToArray();
        var sending = _citizens.Select(SendAsync).ToArray();
        await TroubleAsync();
        var sent = await Task.WhenAll(sending);
        var received = await Task.WhenAll(receiving);
        foreach (var message in sent.SelectMany(static all => all)) { await message.Delivered.WaitAsync(_over.Token); }

        foreach (var from in _citizens)
        {
            foreach (var numbers in received.Select(one => one.GetValueOrDefault(from.Node.Id.ToString())).OfType<List<int>>()) { Assert.Equal(Enumerable.Range(0, Count), numbers); }
        }
        Assert.All(received, static one => Assert.Equal(Nodes - 1, one.Count));
        output.WriteLine($"{Nodes} nodes, {sent.Sum(static one => one.Count):N0} messages, all handled once, in order and acknowledged after {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s; "
            + $"{_troubles.Count} troubles: {string.Join(", ", _troubles)}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var citizen in _citizens) { await citizen.DisposeAsync(); }
        if (_relay is not null) { await _relay.DisposeAsync(); }
        _internet.Dispose();
        _folder.Dispose();
        _over.Dispose();
    }

    private async Task BuildAsync()
    {
        _relayHost = _internet.AddServer("relay", "198.51.100.10");
        for (var i = 0; i < Nodes; i++) { _homes.Add(_internet.AddHome($"home {i}", Kinds[i])); }
        var hosts = _homes.Select(static (home, i) => home.AddHost($"node {i}")).ToArray();
        _spare = _internet.AddHome("spare", NatKind.PortRestricted);
        _internet.Start();
        _relay = await LabNode.StartRelayAsync(_relayHost);
        _citizens.Add(await LabCitizen.FoundAsync(hosts[0], [_relay.ToRelay()], _folder.PathOf("node0")).WaitAsync(Patience));
        foreach (var host in hosts[1..])
        {
            var ticket = await _citizens[0].Node.InviteAsync(new(), _over.Token);
            _citizens.Add(await LabCitizen.JoinAsync(host, ticket, [_relay.ToRelay()], _folder.PathOf(host.Name)).WaitAsync(Patience));
        }
        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, Patience); }
    }

    private async Task TroubleAsync()
    {
        var random = new Random(5);
        for (var i = 0; i < Troubles; i++)
        {
            await Task.Delay(random.Next(300, 1200), _over.Token);
            var who = random.Next(Nodes);
            switch (i % 6)
            {
                case 0: await PartAsync(who, isFromAll: true, TimeSpan.FromMilliseconds(random.Next(1000, 3500))); break;
                case 1: Roam(who); break;
                case 2: await UnplugAsync(who, TimeSpan.FromMilliseconds(random.Next(1000, 3500))); break;
                case 3: Renew(who); break;
                case 4: await PartAsync(who, isFromAll: false, TimeSpan.FromMilliseconds(random.Next(1000, 3500))); break;
                default: Forget(who); break;
            }
        }
    }

    // From all, or from one other and the relay, so that what is left leads over a third.
    private async Task PartAsync(int who, bool isFromAll, TimeSpan time)
    {
        IEnumerable<int> others = isFromAll ? Enumerable.Range(0, Nodes).Where(other => other != who) : [(who + 1) % Nodes];
        var addresses = others.Select(other => _homes[other].OuterAddress).Append(_relayHost!.Address).ToArray();
        foreach (var address in addresses)
        {
            _internet.Sever(_homes[who].OuterAddress, address);
            _internet.Sever(address, _homes[who].OuterAddress);
        }
        await Task.Delay(time, _over.Token);
        _internet.Mend();
        _troubles.Add($"node {who} parted from {(isFromAll ? "all" : $"node {(who + 1) % Nodes} and the relay")} for {time.TotalMilliseconds:F0} ms");
    }

    private async Task UnplugAsync(int who, TimeSpan time)
    {
        var citizen = _citizens[who];
        citizen.Home.Unplug();
        citizen.AnnounceNetworkChange();
        await Task.Delay(time, _over.Token);
        citizen.Home.Plug(_homes[who]);
        citizen.AnnounceNetworkChange();
        _troubles.Add($"node {who} without a cable for {time.TotalMilliseconds:F0} ms");
    }

    private void Roam(int who)
    {
        var citizen = _citizens[who];
        (_homes[who], _spare) = (_spare!, _homes[who]);
        citizen.Home.MoveTo(_homes[who]);
        citizen.AnnounceNetworkChange();
        _troubles.Add($"node {who} moved to another home");
    }

    private void Renew(int who)
    {
        _citizens[who].Home.Renew();
        _citizens[who].AnnounceNetworkChange();
        _troubles.Add($"node {who} got another address");
    }

    private void Forget(int who)
    {
        _homes[who].Reboot();
        _troubles.Add($"the router of node {who} forgot its mappings");
    }

    private async Task<List<Coco.Messages.SentMessage>> SendAsync(LabCitizen from)
    {
        var sent = new List<Coco.Messages.SentMessage>();
        for (var number = 0; number < Count;)
        {
            for (var end = Math.Min(Count, number + Batch); number < end; number++)
            {
                foreach (var to in _citizens.Where(one => one != from)) { sent.Add(await from.Node.Messages.SendAsync(to.Node.Id, Encoding.ASCII.GetBytes($"{number}"), null, _over.Token)); }
            }
            await Task.Delay(Pause, _over.Token);
        }
        return sent;
    }

    private async Task<Dictionary<string, List<int>>> ReceiveAsync(LabCitizen citizen)
    {
        var received = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var left = (Nodes - 1) * Count;
        await foreach (var message in citizen.Node.Messages.ReceiveAsync(null, _over.Token))
        {
            Assert.False(message.IsRedelivered);
            var from = message.From.ToString();
            if (!received.TryGetValue(from, out var numbers)) { received[from] = numbers = []; }
            numbers.Add(int.Parse(Encoding.ASCII.GetString(message.Data.Span), CultureInfo.InvariantCulture));
            message.Complete();
            if (--left == 0) { break; }
        }
        return received;
    }
}
