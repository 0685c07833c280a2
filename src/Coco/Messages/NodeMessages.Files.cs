using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Messages;

/// <content>Files, of any size.</content>
public sealed partial class NodeMessages
{
    private FilesConsumer? _files;
    private int _filesComing;

    private sealed record FilesConsumer(FileReceiver Receiver, Channel<ReceivedFile> Received);

    /// <summary>Begins to send a file. It goes on by itself when the connection is lost, and where an earlier attempt stopped, as long as the file is the same.</summary>
    /// <param name="to">Who gets it: a member whose app takes files (<see cref="ReceiveFilesAsync"/>).</param>
    /// <param name="path">The file.</param>
    /// <param name="options">What it is called there, who is told of progress, how long to try.</param>
    /// <param name="cancellationToken">Stops sending.</param>
    /// <returns>The transfer; its <see cref="FileTransfer.Completed"/> says when the file is there.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Task<FileTransfer> SendFileAsync(NodeId to, string path, FileSendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        cancellationToken.ThrowIfCancellationRequested();
        CheckSend(to, 0);
        options ??= new();
        var name = options.Name ?? Path.GetFileName(path);
        if (SafeFileName.Of(System.Text.Encoding.UTF8.GetBytes(name)) is null) { throw new ArgumentException($"'{name}' is no name of a file, or longer than {SafeFileName.MaxBytes} bytes.", nameof(options)); }
        var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        var transfer = new FileTransfer(to, path, name, file.Length);
        var id = FileSender.IdOf(name, file.Length, File.GetLastWriteTimeUtc(path));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        transfer.Completed = done.Task;
        if (!_loop.Tasks.TryRun(() => SendFileAsync(transfer, file, id, options, done, cancellationToken)))
        {
            file.Dispose();
            throw new ObjectDisposedException(nameof(Node), "The node is disposed.");
        }
        return Task.FromResult(transfer);
    }

    /// <summary>Takes files into a folder, and tells of each that has come, until the enumeration ends or the node is disposed. At other times, and while another
    /// enumeration runs, files are refused.</summary>
    /// <param name="folder">Where they go. Files that are not whole yet begin with <c>.coco-</c> there; they are used when the sender tries again.</param>
    /// <param name="options">Which files are taken.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="InvalidOperationException">Another enumeration runs.</exception>
    public async IAsyncEnumerable<ReceivedFile> ReceiveFilesAsync(string folder, FileReceiveOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        var consumer = new FilesConsumer(new(Path.GetFullPath(folder), options ?? new(), _time), Channel.CreateUnbounded<ReceivedFile>());
        if (Interlocked.CompareExchange(ref _files, consumer, null) is not null) { throw new InvalidOperationException("Files are taken already, by another enumeration."); }
        consumer.Receiver.DeleteOld();
        try
        {
            await foreach (var file in consumer.Received.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) { yield return file; }
        }
        finally
        {
            Interlocked.CompareExchange(ref _files, null, consumer);
        }
    }

    private async Task ServeFileAsync(NodeId from, ConnectionStream stream)
    {
        if (Volatile.Read(ref _files) is not { } consumer)
        {
            stream.Abort((ulong)WireError.NotOffered);
            return;
        }
        try
        {
            if (Interlocked.Increment(ref _filesComing) > _options.Messages.MaxFiles)
            {
                stream.Abort((ulong)WireError.TooMany);
                return;
            }
            if (await consumer.Receiver.RunAsync(from, stream).ConfigureAwait(false) is { } file) { consumer.Received.Writer.TryWrite(file); }
        }
        finally
        {
            Interlocked.Decrement(ref _filesComing);
        }
    }

    private async Task SendFileAsync(FileTransfer transfer, FileStream file, byte[] id, FileSendOptions options, TaskCompletionSource done, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, transfer.Stop, cancellationToken);
        await using var held = file.ConfigureAwait(false);
        try
        {
            await SendFileAsync(new FileSender(transfer, file, options, _time), transfer, id, options, either.Token).ConfigureAwait(false);
            done.TrySetResult();
        }
        catch (OperationCanceledException exception)
        {
            done.TrySetCanceled(exception.CancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            done.TrySetException(exception);
        }
    }

    private async Task SendFileAsync(FileSender sender, FileTransfer transfer, byte[] id, FileSendOptions options, CancellationToken cancellationToken)
    {
        var (lastProgress, reached, spoiled) = (_time.GetTimestamp(), -1L, 0);
        while (true)
        {
            try
            {
                if (await OverFileStreamAsync(transfer.To, stream => sender.SendAsync(stream, id, cancellationToken), cancellationToken).ConfigureAwait(false))
                {
                    sender.ReportEnd();
                    return;
                }
                if (++spoiled == 3) { throw new CocoException(CocoError.Unknown, $"{transfer.Path} arrived three times with another checksum. Does something change it, or is a disk failing?"); }
            }
            catch (Exception exception) when (exception is TransportException or InvalidOperationException or CocoException { IsTransient: true })
            {
                if (RefusalOf(exception, transfer) is { } refusal) { throw refusal; }
                if (sender.Reached > reached) { (reached, lastProgress) = (sender.Reached, _time.GetTimestamp()); }
                if (_time.GetElapsedTime(lastProgress) >= options.Patience)
                {
                    throw new CocoException(CocoError.Unreachable, $"{transfer.Name} could not be sent on to {transfer.To}: {exception.Message.TrimEnd('.')}. Send it again later, and it goes on at {transfer.Sent} of {transfer.Length} bytes.", exception);
                }
                await Task.Delay(FirstRetry, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static CocoException? RefusalOf(Exception exception, FileTransfer transfer) => (exception as TransportException)?.ApplicationCode switch
    {
        (ulong)WireError.Denied => new(CocoError.Denied, $"{transfer.To} does not want {transfer.Name}, or not one of {transfer.Length} bytes.", exception),
        (ulong)WireError.NotOffered => new(CocoError.NotOffered, $"{transfer.To} takes no files now. Ask for its app to be started, and send it again.", exception),
        (ulong)WireError.NotStored => new(CocoError.StoreFailed, $"{transfer.To} could not store {transfer.Name}: its disk may be full. What it has stays there; send it again when there is room.", exception),
        _ => null,
    };

    private async Task<bool> OverFileStreamAsync(NodeId peer, Func<ConnectionStream, Task<bool>> work, CancellationToken cancellationToken)
    {
        var session = await _sessions.UseAsync(peer, cancellationToken).ConfigureAwait(false);
        try
        {
            var header = StreamHeader.Of(StreamKind.Message, session.Connection.Number, (ulong)MessageStreamType.File);
            var stream = await session.Connection.OpenWithAsync(header, cancellationToken).ConfigureAwait(false);
            try
            {
                return await work(stream).ConfigureAwait(false);
            }
            catch
            {
                stream.Abort((ulong)WireError.Unused);
                throw;
            }
            finally
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _sessions.Release(session);
        }
    }
}
