namespace Coco.Benchmarks.Messaging;

/// <summary>What the two processes of a measurement do in one system.</summary>
internal interface IMessageClients : IAsyncDisposable
{
    /// <summary>The publishers, and what the process with the subscribers has to be told.</summary>
    public Task<(IReadOnlyList<IMessagePublisher> Publishers, string Secret)> PublishAsync(FanOut fan);

    /// <summary>Subscribers, each with its tally.</summary>
    public Task SubscribeAsync(IReadOnlyList<Tally> tallies, string secret);

    /// <summary>Called in the publishers' process when the subscribers are there.</summary>
    public Task SettleAsync();
}
