using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Coco.Crypto;

namespace Coco.Messages;

/// <content>What has become of messages, those of earlier lives of the node included.</content>
public sealed partial class NodeMessages
{
    private const int MaxReceipts = 65_536; // chosen: some seconds of them

    private readonly Lock _receiptsLock = new(); // guards the watchers
    private readonly List<Channel<Receipt>> _receiptWatchers = [];

    /// <summary>How many messages wait for each receiver.</summary>
    public IReadOnlyDictionary<NodeId, int> Queued => _journal.Waiting().ToDictionary(static outbox => outbox.Peer, outbox => _journal.StateOf(outbox).Count);

    /// <summary>Receipts of all messages, from the first call of the enumerator on, until the node is disposed. Who falls behind by 65,536 loses the oldest.</summary>
    public async IAsyncEnumerable<Receipt> WatchReceiptsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watcher = Channel.CreateBounded<Receipt>(new BoundedChannelOptions(MaxReceipts) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_receiptsLock)
        {
            if (_isClosed) { yield break; }
            _receiptWatchers.Add(watcher);
            _journal.Settled = TellReceipt;
        }
        try
        {
            await foreach (var receipt in watcher.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) { yield return receipt; }
        }
        finally
        {
            lock (_receiptsLock)
            {
                _receiptWatchers.Remove(watcher);
                if (_receiptWatchers.Count == 0) { _journal.Settled = null; }
            }
        }
    }

    private void TellReceipt(Receipt receipt)
    {
        lock (_receiptsLock)
        {
            foreach (var watcher in _receiptWatchers) { watcher.Writer.TryWrite(receipt); }
        }
    }

    private void EndReceipts()
    {
        lock (_receiptsLock)
        {
            foreach (var watcher in _receiptWatchers) { watcher.Writer.TryComplete(); }
        }
    }
}
