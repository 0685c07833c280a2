using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Operations;

/// <summary>
/// The time between the first word that an instance stops and the moment when it listens no more: long enough for a load balancer to see at <c>/health/ready</c> that it
/// goes. All is served meanwhile.
/// </summary>
internal sealed class StopDelay(ControlPlaneSettings settings) : IHostedLifecycleService
{
    private int _hasBegun;

    /// <summary>Whether the instance stops.</summary>
    public bool HasBegun => Volatile.Read(ref _hasBegun) != 0;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Before any service is told to stop, the server of HTTP among them.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) != 0) { return; } // told twice: by a signal, and when the instance is disposed of
        await Task.Delay(settings.StopDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
