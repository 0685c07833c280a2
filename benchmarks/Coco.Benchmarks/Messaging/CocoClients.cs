using System.Net;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Storage;

namespace Coco.Benchmarks.Messaging;

/// <summary>Nodes of one network, as many as there are publishers and subscribers: those of each process share its sockets, and reach the others over loopback.</summary>
/// <param name="isDurable">Whether messages are sent, with a store on disk, or published to a topic.</param>
internal sealed class CocoClients(bool isDurable) : IMessageClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-bench");
    private readonly IdentityKey _key = IdentityKey.Generate(); // a passphrase would take each store a quarter of a second
    private readonly List<Node> _nodes = [];
    private readonly List<Task> _reading = [];
    private CocoHost? _host;
    private FanOut _fan;

    public async Task<(IReadOnlyList<IMessagePublisher> Publishers, string Secret)> PublishAsync(FanOut fan)
    {
        _fan = fan;
        var first = await Node.CreateNetworkAsync(new() { Name = "bench" }, await OptionsAsync("publisher0"));
        _nodes.Add(first);
        if (!Policy.TryParse("coco policy 1\nallow publish # from anyone\nallow subscribe # from anyone\n", out var policy, out var error)) { throw new InvalidOperationException(error); }
        await first.SetPolicyAsync(policy);
        for (var number = 1; number < fan.Publishers; number++) { _nodes.Add(await Node.JoinAsync(await first.InviteAsync(), await OptionsAsync($"publisher{number}"))); }
        var tickets = new List<string>();
        for (var number = 0; number < fan.Subscribers; number++) { tickets.Add((await first.InviteAsync()).ToText()); }
        IMessagePublisher[] publishers = [.. _nodes.Select((node, number) => isDurable ? (IMessagePublisher)new CocoSender(node, number) : new CocoPublisher(node, number))];
        return (publishers, string.Join(',', tickets));
    }

    public async Task SubscribeAsync(IReadOnlyList<Tally> tallies, string secret)
    {
        var tickets = secret.Split(',');
        for (var number = 0; number < tallies.Count; number++)
        {
            var node = await Node.JoinAsync(tickets[number], await OptionsAsync($"subscriber{number}"));
            _nodes.Add(node);
            if (isDurable) { _reading.Add(ReceiveAsync(node, tallies[number])); }
            else
            {
                var subscription = await node.Topics.SubscribeAsync(Payload.Topic);
                _reading.Add(ReadAsync(subscription, tallies[number]));
            }
        }
    }

    public async Task SettleAsync()
    {
        var all = _fan.Publishers + _fan.Subscribers;
        foreach (var node in _nodes) { await node.WaitForAsync(self => self.Peers.Count(static peer => peer.IsReachable) >= all - 1).WaitAsync(Patience); }
        if (!isDurable) { return; }
        foreach (var sender in _nodes) { CocoSender.Subscribers(sender); }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(static node => node.DisposeAsync().AsTask()));
        await Task.WhenAll(_reading);
        if (_host is not null) { await _host.DisposeAsync(); }
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Task ReadAsync(Topics.TopicSubscription subscription, Tally tally) => ReadAsync(subscription.ReadAllAsync(), tally, message => tally.Add(message.Data.Span));

    private static Task ReceiveAsync(Node node, Tally tally) => ReadAsync(node.Messages.ReceiveAsync(), tally, message =>
    {
        tally.Add(message.Data.Span);
        message.Complete();
    });

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> messages, Tally tally, Action<T> take)
    {
        await using var reader = messages.GetAsyncEnumerator();
        while (true)
        {
            var next = reader.MoveNextAsync();
            if (!next.IsCompleted) { tally.Stamp(); } // the last of those that came together, as with the servers
            if (!await next) { return; }
            take(reader.Current);
        }
    }

    private async Task<NodeOptions> OptionsAsync(string name)
    {
        _host ??= await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)] });
        var options = new NodeOptions { Name = name, App = new("org.example.bench"), Host = _host, DiscoverOnLan = false };
        // Publishing waits for the fastest subscriber. Where there are more, as much is kept for the slow ones as the servers keep, which are told to lose nothing.
        return isDurable
            ? options with { StorePath = Path.Combine(_folder.FullName, name), StoreKey = StoreKey.FromIdentity(_key) }
            : options with { Topics = new() { HistoryLength = _fan.Subscribers > 1 ? 64 << 20 : 1 << 20, MaxQueued = 1 << 20, MaxQueuedLength = 1 << 30 } };
    }
}
