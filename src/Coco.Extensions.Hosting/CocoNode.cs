namespace Coco.Extensions.Hosting;

/// <summary>The node of a host, for the host's services. It is there from before they start until they have stopped; their constructors run before.</summary>
public sealed class CocoNode
{
    private readonly TaskCompletionSource<Node> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal CocoNode()
    {
    }

    /// <summary>The node.</summary>
    /// <exception cref="InvalidOperationException">The host has not started yet.</exception>
    public Node Node => _started.Task.IsCompletedSuccessfully
        ? _started.Task.Result
        : throw new InvalidOperationException($"The node is not started yet: use it once the host runs, in StartAsync or ExecuteAsync, or await {nameof(WaitAsync)}.");

    /// <summary>Waits until it is started; fails with what kept it from that.</summary>
    public Task<Node> WaitAsync(CancellationToken cancellationToken = default) => _started.Task.WaitAsync(cancellationToken);

    internal void Set(Node node) => _started.TrySetResult(node);

    internal void Fail(Exception failure)
    {
        _started.TrySetException(failure);
        _ = _started.Task.Exception; // whoever starts the host is told; it may be that nobody waits here
    }
}
