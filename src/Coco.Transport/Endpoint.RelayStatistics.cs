using Coco.Transport.Loop;
using Coco.Traversal.Relays;

namespace Coco.Transport;

/// <summary>What an endpoint that is a relay tells its operator.</summary>
public sealed partial class Endpoint
{
    /// <summary>What the relay did so far; null for an endpoint that is none, or is disposed.</summary>
    internal Task<RelayStatistics?> GetRelayStatisticsAsync()
    {
        var request = new StatisticsRequest(_loop);
        _loop.Post(request);
        return request.Answer;
    }

    private sealed class StatisticsRequest(EndpointLoop loop) : ILoopItem
    {
        private readonly TaskCompletionSource<RelayStatistics?> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<RelayStatistics?> Answer => _source.Task;

        public void Run(TimeSpan now) => _source.TrySetResult(loop.Core.RelayStatistics);

        public void Refuse() => _source.TrySetResult(null);
    }
}
