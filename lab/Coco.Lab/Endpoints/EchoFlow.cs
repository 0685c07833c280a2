using System.Diagnostics;
using Coco.Transport;

namespace Coco.Lab.Endpoints;

/// <summary>
/// A stream to an <see cref="EchoService"/> that never rests, 2 KiB every 5 ms: each byte has to come back once and in its place,
/// and the longest time in which none came is remembered.
/// </summary>
internal sealed class EchoFlow : IAsyncDisposable
{
    private const int ChunkLength = 2048;
    private const int MarkerInterval = 256;

    // Of the answers there may be so many less than of what was sent; more, and the flow waits, as an application would.
    private const int MaxOutstanding = 256 << 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ConnectionStream _stream;
    private readonly CancellationTokenSource _over;
    private readonly Task _writing;
    private readonly Task _reading;
    private volatile bool _isEnding;
    private long _sent;
    private long _received;
    private long _lastArrival = Stopwatch.GetTimestamp();
    private long _longestGap;

    private EchoFlow(ConnectionStream stream, TimeSpan lifetime)
    {
        (_stream, _over) = (stream, new(lifetime));
        (_writing, _reading) = (WriteAsync(), ReadAsync());
    }

    /// <summary>Stands in the flow again and again, so that whoever reads plaintext finds it.</summary>
    public static ReadOnlySpan<byte> Marker => "PLAINTEXT MARKER"u8;

    /// <summary>Bytes that have come back.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>The longest time without a byte since <see cref="ForgetGaps"/>, the one that lasts included.</summary>
    public TimeSpan LongestGap => Stopwatch.GetElapsedTime(0, Math.Max(Volatile.Read(ref _longestGap), Stopwatch.GetTimestamp() - Volatile.Read(ref _lastArrival)));

    /// <summary>Begins. After <paramref name="lifetime"/> what is still awaited fails.</summary>
    public static async Task<EchoFlow> StartAsync(Connection connection, TimeSpan lifetime) => Over(await connection.OpenStreamAsync(), lifetime);

    /// <summary>The same over a stream that is there already.</summary>
    public static EchoFlow Over(ConnectionStream stream, TimeSpan lifetime) => new(stream, lifetime);

    public void ForgetGaps() => Volatile.Write(ref _longestGap, 0);

    /// <summary>Waits until so many more bytes have come back.</summary>
    public async Task ContinueAsync(int bytes)
    {
        var goal = Received + bytes;
        using var pulse = new PeriodicTimer(Pause);
        while (Received < goal && !_reading.IsCompleted) { await pulse.WaitForNextTickAsync(_over.Token); }
        if (_reading.IsCompleted) { await _reading; }
    }

    /// <summary>Sends no more and waits for what is still on its way.</summary>
    public async Task FinishAsync()
    {
        _isEnding = true;
        await _writing;
        await _reading;
        if (_received != _sent) { throw new InvalidDataException($"{_sent} bytes were sent and {_received} came back"); }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await ((Task)Task.WhenAll(_writing, _reading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stream.DisposeAsync();
        _over.Dispose();
    }

    private static byte ByteAt(long offset) => offset % MarkerInterval is var place && place < Marker.Length
        ? Marker[(int)place]
        : (byte)((offset * 31) + ((offset >> 8) * 17) + (offset >> 16));

    private async Task WriteAsync()
    {
        var chunk = new byte[ChunkLength];
        using var pulse = new PeriodicTimer(Pause);
        while (!_isEnding)
        {
            if (_sent - Received < MaxOutstanding)
            {
                for (var i = 0; i < chunk.Length; i++) { chunk[i] = ByteAt(_sent + i); }
                await _stream.WriteAsync(chunk, _over.Token);
                _sent += chunk.Length;
            }
            await pulse.WaitForNextTickAsync(_over.Token);
        }
        await _stream.CompleteWritesAsync(_over.Token);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 << 10];
        while (await _stream.ReadAsync(buffer, _over.Token) is var count and > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] != ByteAt(_received + i)) { throw new InvalidDataException($"byte {_received + i} is not the one that was sent"); }
            }
            Volatile.Write(ref _received, _received + count);
            var now = Stopwatch.GetTimestamp();
            Volatile.Write(ref _longestGap, Math.Max(_longestGap, now - _lastArrival));
            Volatile.Write(ref _lastArrival, now);
        }
    }
}
