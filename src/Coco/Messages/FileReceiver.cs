using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>
/// Takes files into a folder: under a name of their own until they are whole, checked and on the disk, then under the name they are to have, or one with a
/// number where there is one of that name. What was cut off stays, for the sender to go on.
/// </summary>
internal sealed class FileReceiver(string folder, FileReceiveOptions options, TimeProvider time)
{
    private const int ChunkSize = 256 << 10;
    private const int HashSize = SHA256.HashSizeInBytes;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);

    /// <summary>Deletes what nobody has gone on with for long.</summary>
    public void DeleteOld()
    {
        var before = time.GetUtcNow().UtcDateTime - options.KeepPartial;
        foreach (var partial in Directory.EnumerateFiles(folder, ".coco-*.part"))
        {
            if (File.GetLastWriteTimeUtc(partial) < before) { File.Delete(partial); }
        }
    }

    /// <summary>Serves one stream. Null where no file came of it, which the sender is told.</summary>
    public async Task<ReceivedFile?> RunAsync(NodeId from, ConnectionStream stream)
    {
        using var reader = new FrameReader(stream, maxBody: 1024);
        if (!await reader.ReadAsync().ConfigureAwait(false) || !TryTakeOffer(reader, from, out var offer, out var id))
        {
            stream.Abort((ulong)WireError.Malformed);
            return null;
        }
        if (offer.Length > options.MaxLength || !options.Accept(offer))
        {
            stream.Abort((ulong)WireError.Denied);
            return null;
        }
        var partial = Path.Combine(folder, $".coco-{Convert.ToHexStringLower(id)}-{from.ToString()[..8]}.part");
        if (!_open.TryAdd(partial, true))
        {
            stream.Abort((ulong)WireError.TooMany); // an earlier stream of the same file, which is not known to be over yet
            return null;
        }
        try
        {
            return await ReceiveAsync(stream, offer, partial).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not TransportException && exception is IOException or UnauthorizedAccessException)
        {
            stream.Abort((ulong)WireError.NotStored);
            return null;
        }
        finally
        {
            _open.TryRemove(partial, out _);
        }
    }

    internal static bool TryTakeOffer(FrameReader frames, NodeId from, out FileOffer offer, out byte[] id)
    {
        (offer, id) = (null!, []);
        if (!frames.TryTake(out var type, out var body) || type is not MessageFrameType.Offer) { return false; }
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var version) || version < 1 || !reader.TryReadBytes(16, out var number)) { return false; }
        if (!reader.TryReadVarInt(out var length) || length > long.MaxValue / 2 || !reader.TryReadVarIntBytes(out var utf8) || SafeFileName.Of(utf8) is not { } name) { return false; }
        (offer, id) = (new(from, name, (long)length), number.ToArray());
        return true;
    }

    private async Task<ReceivedFile?> ReceiveAsync(ConnectionStream stream, FileOffer offer, string partial)
    {
        using var frames = new FrameBuffer();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[]? sum;
        var file = OpenPartial(partial);
        await using (file.ConfigureAwait(false))
        {
            var done = await HashAsync(file, hash, offer.Length).ConfigureAwait(false);
            frames.Write(MessageFrameType.From, (ulong)done);
            await stream.WriteAsync(frames.Written).ConfigureAwait(false);
            sum = await WriteAsync(stream, file, hash, offer, done).ConfigureAwait(false);
            if (sum is not null) { file.Flush(flushToDisk: true); } // before it gets its name
        }
        frames.Clear();
        frames.Write(MessageFrameType.Done, sum is null ? 1u : 0u);
        string? path = null;
        if (sum is null) { File.Delete(partial); }
        else { path = Publish(partial, offer.Name); }
        await TellAsync(stream, frames).ConfigureAwait(false);
        return path is null ? null : new(offer.From, path, offer.Length, sum);
    }

    private static FileStream OpenPartial(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        return new(path, options);
    }

    // What an earlier attempt left.
    private static async Task<long> HashAsync(FileStream file, IncrementalHash hash, long length)
    {
        if (file.Length > length) { file.SetLength(0); }
        var buffer = new byte[ChunkSize];
        var done = 0L;
        for (int count; (count = await file.ReadAsync(buffer).ConfigureAwait(false)) > 0; done += count) { hash.AppendData(buffer, 0, count); }
        return done;
    }

    // The sum, where it is the sender's too.
    private async Task<byte[]?> WriteAsync(ConnectionStream stream, FileStream file, IncrementalHash hash, FileOffer offer, long done)
    {
        var progress = new ProgressReporter(options.Progress, time);
        var buffer = new byte[ChunkSize];
        while (done < offer.Length)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, offer.Length - done))).ConfigureAwait(false);
            if (count == 0) { throw new TransportException(TransportError.StreamReset, "The sender stopped."); }
            await file.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            hash.AppendData(buffer, 0, count);
            done += count;
            progress.Report(new(offer.Name, done, offer.Length));
        }
        await stream.ReadExactlyAsync(buffer.AsMemory(0, HashSize)).ConfigureAwait(false);
        var sum = hash.GetHashAndReset();
        progress.ReportEnd(new(offer.Name, done, offer.Length));
        return sum.AsSpan().SequenceEqual(buffer.AsSpan(0, HashSize)) ? sum : null;
    }

    // The file is here, whether the sender learns of it or not.
    private static async Task TellAsync(ConnectionStream stream, FrameBuffer frames)
    {
        try
        {
            await stream.WriteAsync(frames.Written).ConfigureAwait(false);
            await stream.CompleteWritesAsync().ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (TransportException)
        {
            // The sender has heard it, and gone; or the connection is lost, and it asks again.
        }
    }

    private string Publish(string partial, string name)
    {
        const int MaxNumber = 10_000;
        for (var number = 0; ; number++)
        {
            var path = Path.Combine(folder, number == 0 ? name : $"{Path.GetFileNameWithoutExtension(name)} ({number}){Path.GetExtension(name)}");
            try
            {
                File.Move(partial, path, overwrite: false);
                if (OperatingSystem.IsLinux()) { Coco.Crypto.Native.LinuxFiles.TrySyncFolder(folder); }
                return path;
            }
            catch (IOException) when (number < MaxNumber && Path.Exists(path))
            {
                // There is one of that name.
            }
        }
    }
}
