using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Transport;

namespace Coco.Cli.Demo.Claims;

/// <summary>Bytes that flow over one stream until it is said how many more there shall be. Both ends hash what they have, and keep nothing.</summary>
internal sealed class LongTransfer(Connection from, Connection to, ReadOnlyMemory<byte> mark)
{
    private const int BlockSize = 64 << 10;
    private const int MarkInterval = 256; // a few in each packet

    private readonly Lock _lock = new(); // guards the two below
    private long _milestone = long.MaxValue;
    private TaskCompletionSource _reached = new();
    private long _received;
    private long _sent;
    private long _end = long.MaxValue;
    private Task<byte[]> _sending = null!;
    private Task<byte[]> _receiving = null!;

    public long Received => Volatile.Read(ref _received);

    public void Start(CancellationToken cancellationToken)
    {
        _sending = SendAsync(cancellationToken);
        _receiving = ReceiveAsync(cancellationToken);
    }

    /// <summary>Completes when so many bytes have arrived; fails when one of the ends does.</summary>
    public async Task ReachAsync(long bytes)
    {
        Task reached;
        lock (_lock)
        {
            (_milestone, _reached) = (bytes, new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (Received >= bytes) { _reached.SetResult(); }
            reached = _reached.Task;
        }
        await await Task.WhenAny(reached, _sending, _receiving);
    }

    /// <summary>Sends so many bytes more, and answers whether all that was sent since the start arrived, in order and once.</summary>
    public async Task<(bool IsIntact, string Hash)> FinishAsync(long bytes)
    {
        Volatile.Write(ref _end, Volatile.Read(ref _sent) + bytes);
        var (sent, received) = (await _sending, await _receiving);
        return (sent.AsSpan().SequenceEqual(received) && _sent == _received, Convert.ToHexStringLower(received));
    }

    private async Task<byte[]> SendAsync(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = RandomNumberGenerator.GetBytes(BlockSize);
        for (var at = sizeof(long); at + mark.Length <= BlockSize; at += MarkInterval) { mark.CopyTo(block.AsMemory(at)); }
        await using var stream = await from.OpenStreamAsync(bidirectional: false, cancellationToken);
        while (_sent < Volatile.Read(ref _end))
        {
            BinaryPrimitives.WriteInt64BigEndian(block, _sent); // no block is like another
            hash.AppendData(block);
            await stream.WriteAsync(block, cancellationToken);
            Volatile.Write(ref _sent, _sent + BlockSize);
        }
        await stream.CompleteWritesAsync(cancellationToken);
        return hash.GetHashAndReset();
    }

    private async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[4 * BlockSize];
        await using var stream = await to.AcceptStreamAsync(cancellationToken);
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            lock (_lock)
            {
                Volatile.Write(ref _received, _received + read);
                if (_received >= _milestone) { _reached.TrySetResult(); }
            }
        }
        return hash.GetHashAndReset();
    }
}
