using Coco.Crypto;
using Coco.Transport.Loop;
using Coco.Traversal.Records;

namespace Coco.Transport.Lookup;

/// <summary>
/// Between a relay, whose core cannot wait, and the records of its owner's other relays: questions are asked beside the loop and answered there in time
/// whatever happens; of records to be told the newest of each node wait.
/// </summary>
internal sealed class RelayPresence(EndpointLoop loop, IAddressLookup others) : IAsyncDisposable
{
    // Chosen: all clients of a large relay, once each.
    private const int MaxPending = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new(); // guards the five below
    private readonly Dictionary<NodeId, AddressRecord> _pending = [];
    private readonly Queue<NodeId> _order = [];
    private readonly HashSet<Task> _asking = [];
    private Task _telling = Task.CompletedTask;
    private bool _isTelling;

    private readonly CancellationTokenSource _ended = new();

    /// <summary>Takes what the core wants to know and to tell; on the loop.</summary>
    public void HandleTurn()
    {
        while (loop.Core.TryTakeRelayQuestion(out var target)) { Ask(target); }
        while (loop.Core.TryTakePublished(out var record)) { Tell(record); }
    }

    /// <summary>After the loop has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_lock) { running = [.. _asking, _telling]; }
        await Task.WhenAll(running).ConfigureAwait(false);
        _ended.Dispose();
    }

    private void Ask(NodeId target)
    {
        var asking = AskAsync(target);
        if (asking.IsCompleted) { return; }
        lock (_lock) { _asking.Add(asking); }
        _ = asking.ContinueWith(
            ended =>
            {
                lock (_lock) { _asking.Remove(ended); }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task AskAsync(NodeId target)
    {
        AddressRecord? record = null;
        var isAnswered = false;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            patience.CancelAfter(Patience);
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // off the loop
            record = await others.FindAsync(target, patience.Token).AsTask().WaitAsync(patience.Token).ConfigureAwait(false);
            isAnswered = true;
        }
        catch (Exception exception) // the owner's code: whatever it throws, the client gets an answer
        {
            if (!_ended.IsCancellationRequested) { loop.Logger.PresenceFailed(exception); }
        }
        loop.Post(new Answer(loop, target, record, isAnswered)); // one for each question, of which there are so many
    }

    private void Tell(AddressRecord record)
    {
        lock (_lock)
        {
            if (_ended.IsCancellationRequested) { return; }
            if (!_pending.ContainsKey(record.Id))
            {
                if (_pending.Count >= MaxPending) { return; } // it says where it is again when it registers again
                _order.Enqueue(record.Id);
            }
            _pending[record.Id] = record;
            if (_isTelling) { return; }
            _isTelling = true;
            _telling = Task.Run(TellAsync);
        }
    }

    private async Task TellAsync()
    {
        while (TryTake(out var record))
        {
            try
            {
                await others.PublishAsync(record, _ended.Token).AsTask().WaitAsync(TellPatience, _ended.Token).ConfigureAwait(false);
            }
            catch (Exception exception) // the owner's code, as above
            {
                if (!_ended.IsCancellationRequested) { loop.Logger.PresenceFailed(exception); }
            }
        }
    }

    private bool TryTake(out AddressRecord record)
    {
        lock (_lock)
        {
            record = null!;
            _isTelling = _order.Count > 0 && !_ended.IsCancellationRequested;
            return _isTelling && _pending.Remove(_order.Dequeue(), out record!);
        }
    }

    private sealed class Answer(EndpointLoop loop, NodeId target, AddressRecord? record, bool isAnswered) : ILoopItem
    {
        public void Run(TimeSpan now)
        {
            if (isAnswered) { loop.Core.HandleFound(target, record, now); }
            else { loop.Core.HandleNotAnswered(target, now); }
        }

        public void Refuse()
        {
        }
    }
}
