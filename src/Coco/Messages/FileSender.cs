using System.Security.Cryptography;
using System.Text;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>Sends one file over streams, each of which goes on where the receiver is.</summary>
internal sealed class FileSender(FileTransfer transfer, FileStream file, FileSendOptions options, TimeProvider time)
{
    private const int ChunkSize = 256 << 10;

    private readonly ProgressReporter _progress = new(options.Progress, time);

    /// <summary>What says that it is the same file when it is sent again.</summary>
    public static byte[] IdOf(string name, long length, DateTime modified) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"coco file v1\n{name}\n{length}\n{modified.Ticks}"))[..16];

    /// <summary>Bytes that the receiver had, or has by now.</summary>
    public long Reached { get; private set; }

    /// <summary>Whether the receiver has it. False where what it has is not what was sent: it has forgotten it.</summary>
    /// <exception cref="TransportException">The connection was lost, or the receiver refused.</exception>
    public async Task<bool> SendAsync(ConnectionStream stream, byte[] id, CancellationToken cancellationToken)
    {
        using var frames = new FrameBuffer();
        using var reader = new FrameReader(stream, maxBody: 1024);
        WriteOffer(frames, id);
        await stream.WriteAsync(frames.Written, cancellationToken).ConfigureAwait(false);
        var offset = await HearAsync(reader, MessageFrameType.From, cancellationToken).ConfigureAwait(false);
        if (offset > (ulong)transfer.Length) { throw new InvalidOperationException("The receiver has more than there is."); }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ChunkSize];
        file.Position = 0;
        for (var at = 0L; at < transfer.Length;)
        {
            var wanted = at < (long)offset ? Math.Min((long)offset - at, buffer.Length) : Math.Min(transfer.Length - at, buffer.Length);
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)wanted), cancellationToken).ConfigureAwait(false);
            if (count == 0) { throw new CocoException(CocoError.Invalid, $"{transfer.Path} has become shorter while it was sent. Send it again."); }
            hash.AppendData(buffer, 0, count);
            if (at >= (long)offset) { await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false); }
            at += count;
            Reached = Math.Max(Reached, at);
            transfer.SetSent(at);
            _progress.Report(new(transfer.Name, at, transfer.Length));
        }
        await stream.WriteAsync(hash.GetHashAndReset(), cancellationToken).ConfigureAwait(false);
        await stream.CompleteWritesAsync(cancellationToken).ConfigureAwait(false);
        return await HearAsync(reader, MessageFrameType.Done, cancellationToken).ConfigureAwait(false) == 0;
    }

    public void ReportEnd() => _progress.ReportEnd(new(transfer.Name, transfer.Length, transfer.Length));

    private void WriteOffer(FrameBuffer frames, byte[] id)
    {
        var name = Encoding.UTF8.GetBytes(transfer.Name);
        Span<byte> rest = stackalloc byte[id.Length + (2 * VarInt.MaxLength) + name.Length];
        var writer = new SpanWriter(rest);
        writer.WriteBytes(id);
        writer.WriteVarInt((ulong)transfer.Length);
        writer.WriteVarInt((ulong)name.Length);
        writer.WriteBytes(name);
        frames.Write(MessageFrameType.Offer, [1], writer.Written);
    }

    private static async Task<ulong> HearAsync(FrameReader reader, MessageFrameType wanted, CancellationToken cancellationToken)
    {
        do
        {
            while (reader.TryTake(out var type, out var body))
            {
                if (type == wanted && VarInt.TryRead(body, out var value, out _)) { return value; }
            }
        }
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false));
        throw new InvalidOperationException("The receiver ended the stream without a word.");
    }
}
