using System.Diagnostics;

namespace Coco.Cli.Demo;

/// <summary>While a download runs, the direct way is cut; it goes on through hub, and comes back to the direct way when that is open again.</summary>
internal static class CutStep
{
    private const long Some = 2 * DemoWebServer.LiveBytesPerSecond;

    public static async Task RunAsync(DemoStage stage, DemoWebClient web, CancellationToken stopping)
    {
        var tale = stage.Tale;
        tale.Heading("cut", "The direct way is cut while a download runs");
        if (!stage.Ground.HasRouters)
        {
            tale.Say("Left out: there are no routers here, whose line could be cut. As root, the demo makes them.");
            return;
        }
        tale.Command(stage.Alice, "curl --unix-socket web.sock http://web/live | sha256sum   # 5 MB/s, until told to end");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var download = new DemoDownload(web, "/live", ending.Token);
        try
        {
            await CutAndMendAsync(stage, download, stopping);
            await web.GetAsync("/enough", stopping);
            var sum = await tale.DuringAsync("Waiting for the last byte", download.Finished.WaitAsync(DemoStage.Patience, stopping));
            DemoTale.Require(sum == await web.GetAsync("/live.sha256", stopping), "the download arrived changed");
            tale.Found($"it was one download all along: {download.Received / 1e6:0} MB, no byte lost or doubled, SHA-256 {sum[..8]}… at both ends");
        }
        catch (TimeoutException exception)
        {
            throw new CommandException(ExitCode.Failed, "The demo FAILED: the download did not end.", exception);
        }
        finally
        {
            await ending.CancelAsync();
            await download.Finished.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private static async Task CutAndMendAsync(DemoStage stage, DemoDownload download, CancellationToken stopping)
    {
        var tale = stage.Tale;
        await tale.DuringAsync("Downloading", download.ReachAsync(Some, "the download did not begin", stopping));
        await stage.PingUntilAsync(static ping => ping is { Path: "udp", RoundTripMs: not null }, "the direct way was gone before it was cut", stopping);
        stage.Ground.Cut();
        tale.Say($"cut at {download.Received / 1e6:0} MB: from now on, nothing passes between the two routers");
        var begin = Stopwatch.GetTimestamp();
        var through = await tale.DuringAsync("Looking for another way", stage.PingUntilAsync(
            static ping => ping is { Path: not ("udp" or "tcp" or null), RoundTripMs: not null }, "no way through hub was found when the direct one was cut", stopping));
        var moved = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        await tale.DuringAsync("Downloading through hub", download.ReachAsync(download.Received + Some, "the download did not go on through hub", stopping));
        var gap = download.LongestGap.TotalMilliseconds;
        tale.Found($"it goes on {PathStep.Words(through.Path!)}, {DemoTale.Time(moved)} after the cut; the longest pause was {DemoTale.Time(gap)}");
        tale.Figure("Direct way cut: longest pause of a download", gap, "ms", DemoTale.Time(gap));

        stage.Ground.Mend();
        tale.Say($"open again at {download.Received / 1e6:0} MB");
        begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync(
            "Downloading, until the direct way is found again", stage.PingUntilAsync(static ping => ping is { Path: "udp", RoundTripMs: not null }, "the direct way did not come back", stopping));
        var back = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        await tale.DuringAsync("Downloading", download.ReachAsync(download.Received + Some, "the download did not go on by the direct way", stopping));
        tale.Found($"it is direct again, {DemoTale.Time(back)} after the way was open");
        tale.Figure("Back to the direct way, once it is open", back, "ms", DemoTale.Time(back));
    }
}
