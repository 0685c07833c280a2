using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A file on its way to another node.</summary>
public sealed class FileTransfer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private long _sent;

    internal FileTransfer(NodeId to, string path, string name, long length) => (To, Path, Name, Length) = (to, path, name, length);

    /// <summary>Who gets it.</summary>
    public NodeId To { get; }

    /// <summary>Where it is here.</summary>
    public string Path { get; }

    /// <summary>What it is called there, where nothing has that name yet.</summary>
    public string Name { get; }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>Bytes that are sent, or were there from an earlier attempt.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Completes when the file is there, whole, checked and on the disk. Fails with a <see cref="CocoException"/> where it is refused, or the receiver is
    /// not reached for too long; sent again, it goes on where it stopped.</summary>
    public Task Completed { get; internal set; } = Task.CompletedTask;

    internal CancellationToken Stop => _stop.Token;

    internal void SetSent(long sent) => Volatile.Write(ref _sent, sent);

    /// <summary>Stops sending. What the receiver has stays there for a later attempt.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) { return; }
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
