using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coco.Extensions.Hosting;

/// <summary>Starts the node before the host's other services, and disposes of it when they have stopped.</summary>
internal sealed class CocoHostedService(CocoNode node, CocoServiceOptions options, ILoggerFactory loggers) : IHostedLifecycleService, IAsyncDisposable
{
    private Node? _node;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            _node = await options.Begin(options.Node with { LoggerFactory = options.Node.LoggerFactory ?? loggers }, cancellationToken).ConfigureAwait(false);
            node.Set(_node);
        }
        catch (Exception exception) // the host's, which ends by it
        {
            node.Fail(exception);
            throw;
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    /// <summary>Also where the host fails to start, and so never stops.</summary>
    public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? default;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
