using Coco.Traversal.Roaming;

namespace Coco.Transport.Loop;

/// <summary>Looks at the core on the loop's thread, for what no snapshot holds.</summary>
internal sealed class CoreQuestion<T>(EndpointLoop loop, Func<RoamingEndpoint, T> look) : ILoopItem
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _source.Task;

    public void Run(TimeSpan now) => _source.TrySetResult(look(loop.Core));

    public void Refuse() => _source.TrySetException(Endpoint.Ended());
}
