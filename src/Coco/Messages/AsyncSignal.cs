using System.Threading.Channels;

namespace Coco.Messages;

/// <summary>Wakes one that waits; signals that come while nobody waits are one.</summary>
internal sealed class AsyncSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>No more signals: who waits, or will, gets false.</summary>
    public void Close() => _channel.Writer.TryComplete();

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var isOpen = await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        _channel.Reader.TryRead(out _);
        return isOpen;
    }
}
