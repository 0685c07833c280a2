using Coco.Transport;

namespace Coco.Lab.Endpoints;

/// <summary>Bytes to an <see cref="EchoService"/> and back, each of which must come once and in its place.</summary>
internal static class RoundTrip
{
    private const int ChunkLength = 16 << 10;

    public static async Task<bool> RunAsync(Connection connection, int length, int seed, TimeSpan within)
    {
        using var over = new CancellationTokenSource(within);
        var count = 0;
        try
        {
            return await RunAsync(connection, length, seed, read => count = read, over.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"{count} of {length} bytes came back in {within.TotalSeconds} s, over {connection.ActivePath}, {connection.Statistics}, {connection.Verdict}", exception);
        }
    }

    private static async Task<bool> RunAsync(Connection connection, int length, int seed, Action<int> progress, CancellationToken cancellationToken)
    {
        var sent = new byte[length];
        new Random(seed).NextBytes(sent);
        await using var stream = await connection.OpenStreamAsync(cancellationToken: cancellationToken);
        var writing = WriteAsync(stream, sent, cancellationToken);
        var received = new byte[length + 1]; // one more would be one too many
        var count = 0;
        while (count < received.Length && await stream.ReadAsync(received.AsMemory(count), cancellationToken) is var read and > 0) { progress(count += read); }
        await writing;
        return received.AsSpan(0, count).SequenceEqual(sent);
    }

    private static async Task WriteAsync(ConnectionStream stream, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        for (var i = 0; i < data.Length; i += ChunkLength) { await stream.WriteAsync(data.Slice(i, Math.Min(ChunkLength, data.Length - i)), cancellationToken); }
        await stream.CompleteWritesAsync(cancellationToken);
    }
}
