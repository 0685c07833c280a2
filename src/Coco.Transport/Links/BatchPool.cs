namespace Coco.Transport.Links;

/// <summary>The batches of one link. Its reader waits here while the owner holds all of them: that is the back-pressure.</summary>
internal sealed class BatchPool(int count)
{
    private readonly Lock _gate = new(); // guards the two below
    private readonly Stack<LinkBatch> _free = new(count);
    private int _made;

    /// <summary>Set when a batch came back; whoever stops the reader sets it too.</summary>
    public AsyncSignal Returned { get; } = new();

    /// <summary>An empty batch with a buffer, unless all are in use.</summary>
    public LinkBatch? TryRent(int size = LinkBatch.BufferSize)
    {
        LinkBatch? batch = null;
        lock (_gate)
        {
            if (!_free.TryPop(out batch) && _made < count)
            {
                _made++;
                batch = new(this);
            }
        }
        batch?.Start(size);
        return batch;
    }

    public void Return(LinkBatch batch)
    {
        lock (_gate) { _free.Push(batch); }
        Returned.Set();
    }
}
