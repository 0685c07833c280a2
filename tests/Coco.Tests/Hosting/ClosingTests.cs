using Coco.Hosting;

namespace Coco.Tests.Hosting;

public sealed class ClosingTests
{
    [Fact] // each may take seconds, where its peer has no room
    public async Task Many_are_closed_at_once_and_never_more_than_so_many()
    {
        var all = new Ends(Closing.AtOnce);

        await Closing.AllAsync(Enumerable.Range(0, 5 * Closing.AtOnce).Select(_ => new End(all))).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal((5 * Closing.AtOnce, Closing.AtOnce), (all.Ended, all.Most));
    }

    /// <summary>The first ones end when so many of them are under way.</summary>
    private sealed class Ends(int together)
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private int _running;

        public int Ended { get; private set; }

        public int Most { get; private set; }

        public async ValueTask RunAsync()
        {
            lock (_lock)
            {
                Most = Math.Max(Most, ++_running);
                if (_running == together) { _met.TrySetResult(); }
            }
            await _met.Task;
            await Task.Yield();
            lock (_lock) { (_running, Ended) = (_running - 1, Ended + 1); }
        }
    }

    private sealed class End(Ends all) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => all.RunAsync();
    }
}
