using System.Diagnostics;
using System.Security.Cryptography;
using Coco.Transport;

namespace Coco.Tests.ControlPlanes;

/// <summary>A stream that does not end while something happens on its way: each byte is compared, and silences are timed.</summary>
internal static class WatchedTransfer
{
    private const long Before = 2_000_000, After = 8_000_000; // bytes

    /// <summary>Sends until something has happened and more has arrived since.</summary>
    /// <param name="sender">Whoever sends.</param>
    /// <param name="receiver">The other end.</param>
    /// <param name="happen">What happens once bytes flow.</param>
    /// <param name="cancellationToken">Ends it all.</param>
    /// <returns>The longest silence from then on.</returns>
    public static async Task<TimeSpan> RunAsync(Connection sender, Connection receiver, Action happen, CancellationToken cancellationToken)
    {
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var outgoing = await sender.OpenStreamAsync(cancellationToken: cancellationToken);
        var isOver = false;
        var writing = WriteAsync();
        await using var incoming = await receiver.AcceptStreamAsync(cancellationToken);
        var (bytes, atEvent, longest, last) = (0L, -1L, TimeSpan.Zero, Stopwatch.GetTimestamp());
        var buffer = new byte[1 << 16];
        while (await incoming.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            received.AppendData(buffer, 0, read);
            bytes += read;
            if (atEvent >= 0 && Stopwatch.GetElapsedTime(last) is var gap && gap > longest) { longest = gap; }
            last = Stopwatch.GetTimestamp();
            if (atEvent < 0 && bytes > Before)
            {
                atEvent = bytes;
                happen();
            }
            if (atEvent >= 0 && bytes > atEvent + After) { isOver = true; }
        }
        await writing;
        Assert.Equal(sent.GetHashAndReset(), received.GetHashAndReset());
        return longest;

        async Task WriteAsync()
        {
            var random = new Random(5);
            var data = new byte[16_384];
            while (!isOver)
            {
                random.NextBytes(data);
                sent.AppendData(data);
                await outgoing.WriteAsync(data, cancellationToken);
            }
            await outgoing.CompleteWritesAsync(cancellationToken);
        }
    }
}
