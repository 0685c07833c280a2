using System.Diagnostics;
using System.Security.Cryptography;

namespace Coco.Cli.Demo;

/// <summary>A download under way: how much has come, the longest time without a byte, and the sum of all.</summary>
internal sealed class DemoDownload
{
    private readonly long _begin = Stopwatch.GetTimestamp();
    private long _received;

    public DemoDownload(DemoWebClient web, string path, CancellationToken stopping) => Finished = ReadAsync(web, path, stopping);

    public long Received => Volatile.Read(ref _received);

    public TimeSpan ToFirstByte { get; private set; }

    /// <summary>From asking to the last byte.</summary>
    public TimeSpan Took { get; private set; }

    public TimeSpan LongestGap { get; private set; }

    /// <summary>Ends with the SHA-256 of all that came.</summary>
    public Task<string> Finished { get; }

    /// <summary>Waits until so much has come.</summary>
    public async Task ReachAsync(long bytes, string otherwise, CancellationToken stopping)
    {
        var begin = Stopwatch.GetTimestamp();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Received < bytes)
        {
            if (Finished.IsCompleted) { await Finished; }
            DemoTale.Require(!Finished.IsCompleted && Stopwatch.GetElapsedTime(begin) < DemoStage.Patience, otherwise);
            await beat.WaitForNextTickAsync(stopping);
        }
    }

    private async Task<string> ReadAsync(DemoWebClient web, string path, CancellationToken stopping)
    {
        try
        {
            using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var body = await web.OpenAsync(path, stopping);
            var buffer = new byte[256 << 10];
            for (var last = 0L; await body.ReadAsync(buffer, stopping) is > 0 and var count;)
            {
                var now = Stopwatch.GetTimestamp();
                if (last == 0) { ToFirstByte = Stopwatch.GetElapsedTime(_begin, now); }
                else if (Stopwatch.GetElapsedTime(last, now) is var gap && gap > LongestGap) { LongestGap = gap; }
                last = now;
                sum.AppendData(buffer, 0, count);
                Volatile.Write(ref _received, _received + count);
            }
            Took = Stopwatch.GetElapsedTime(_begin);
            return Convert.ToHexStringLower(sum.GetHashAndReset());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new CommandException(ExitCode.Failed, $"The demo FAILED: the download of {path} broke off: {Trouble.Sentence(exception.Message)}", exception);
        }
    }
}
