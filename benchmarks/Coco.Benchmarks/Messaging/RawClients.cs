namespace Coco.Benchmarks.Messaging;

/// <summary>Clients of a server at a port here.</summary>
internal sealed class RawClients(IRawProtocol protocol, int port) : IMessageClients
{
    private readonly List<IDisposable> _clients = [];

    public Task<(IReadOnlyList<IMessagePublisher> Publishers, string Secret)> PublishAsync(FanOut fan)
    {
        IMessagePublisher[] publishers = [.. Enumerable.Range(0, fan.Publishers).Select(number => new RawPublisher(protocol, port, number))];
        return Task.FromResult(((IReadOnlyList<IMessagePublisher>)publishers, "none"));
    }

    public Task SubscribeAsync(IReadOnlyList<Tally> tallies, string secret)
    {
        for (var number = 0; number < tallies.Count; number++) { _clients.Add(new RawSubscriber(protocol, port, number, tallies[number])); }
        return Task.CompletedTask;
    }

    public Task SettleAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        foreach (var client in _clients) { client.Dispose(); }
        return default;
    }
}
