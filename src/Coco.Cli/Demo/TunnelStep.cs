using System.Diagnostics;
using System.Globalization;

namespace Coco.Cli.Demo;

/// <summary>A web server of bob's is reached by alice through a tunnel.</summary>
internal static class TunnelStep
{
    public static async Task<DemoWebClient> RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var (tale, alice, bob) = (stage.Tale, stage.Alice, stage.Bob);
        tale.Heading("tunnel", "A tunnel to bob's web server, which listens on his own 127.0.0.1 only");
        var (_, port) = await tale.DuringAsync("Starting the web server", bob.StartAsync(["demo", "--part", "web"], stopping));
        tale.Command(bob, $"coco tunnel publish web {port}");
        await bob.RunAsync(["tunnel", "publish", "web", port], stopping);
        var socket = stage.Folder.PathOf("web.sock");
        tale.Command(alice, "coco tunnel open bob web unix:web.sock --user   # or a port, such as 8080");
        await alice.RunAsync(["tunnel", "open", "bob", "web", $"unix:{socket}", "--user"], stopping);

        var web = new DemoWebClient(socket);
        try
        {
            tale.Command(alice, "curl --unix-socket web.sock http://web/");
            var begin = Stopwatch.GetTimestamp();
            var hello = await tale.DuringAsync("Waiting for the web server", GreetAsync(web, stopping));
            tale.Found($"\"{hello}\", {DemoTale.Time(Stopwatch.GetElapsedTime(begin).TotalMilliseconds)} after asking");

            await tale.DuringAsync("Waiting for the direct way", stage.PingUntilAsync(static ping => ping.Path == "udp", "the direct way was gone before the download", stopping));
            tale.Command(alice, "curl --unix-socket web.sock http://web/file | sha256sum");
            var download = new DemoDownload(web, "/file", stopping);
            var sum = await tale.DuringAsync("Downloading 64 MB", download.Finished);
            DemoTale.Require(sum == await web.GetAsync("/file.sha256", stopping) && download.Received == DemoWebServer.FileSize, "the file arrived changed");
            var rate = download.Received / 1e6 / download.Took.TotalSeconds;
            var text = rate.ToString("0.0 MB/s", CultureInfo.InvariantCulture);
            tale.Found($"64 MB at {text}, first byte after {DemoTale.Time(download.ToFirstByte.TotalMilliseconds)}; SHA-256 {sum[..8]}… at both ends");
            tale.Figure("HTTP through a tunnel, to the first byte", download.ToFirstByte.TotalMilliseconds, "ms", DemoTale.Time(download.ToFirstByte.TotalMilliseconds));
            tale.Figure("HTTP through a tunnel, 64 MB", rate, "MB/s", text);
            return web;
        }
        catch
        {
            web.Dispose();
            throw;
        }
    }

    private static async Task<string> GreetAsync(DemoWebClient web, CancellationToken stopping)
    {
        try
        {
            return (await web.GetAsync("/", stopping)).Trim();
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException(ExitCode.Failed, $"The demo FAILED: bob's web server was not reached through the tunnel: {Trouble.Sentence(exception.Message)}", exception);
        }
    }
}
