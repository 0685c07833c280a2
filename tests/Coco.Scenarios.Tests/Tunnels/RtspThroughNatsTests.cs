using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Kernel;
using Coco.Scenarios.Tests.Samples;
using Coco.Tunnels;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>A server of RTSP and players that know nothing of Coco, on two sides of two real NATs. Players ask for media at ports of their own.</summary>
[Collection(EndpointLab.Collection)]
public sealed class RtspThroughNatsTests
{
    // Servers send the first frames at once, and players on a busy machine miss some of them: so it is without a tunnel.
    private const int MaxPlays = 5;

    private const int Enough = GStreamerServer.Frames * 9 / 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task Ffmpeg_plays_what_GStreamer_serves(string transport)
    {
        GStreamerServer.Require();
        await using var town = await TunnelTown.StartAsync();
        using var server = new GStreamerServer();
        await using var tunnel = await town.OpenAsync(server.End);
        var sent = FramesOf(await FfmpegAsync(town, "-i", server.Film, "-map", "0:v", "-c", "copy", "-f", "framemd5", "-"));
        Assert.Equal(GStreamerServer.Frames, sent.Length);

        var whole = 0;
        for (var plays = 0; plays < MaxPlays && whole < Enough; plays++)
        {
            var played = FramesOf(await FfmpegAsync(town, "-rtsp_transport", transport, "-i", UrlOf(tunnel), "-map", "0:v", "-c", "copy", "-f", "framemd5", "-"));
            whole = played.Intersect(sent, StringComparer.Ordinal).Count();
        }
        Assert.InRange(whole, transport == "tcp" ? GStreamerServer.Frames : Enough, GStreamerServer.Frames);
        AssertCameThrough(tunnel);
    }

    [Fact]
    public async Task Ffprobe_counts_picture_and_sound_in_datagrams()
    {
        GStreamerServer.Require();
        await using var town = await TunnelTown.StartAsync(NatKind.Symmetric, NatKind.PortRestricted);
        using var server = new GStreamerServer();
        await using var tunnel = await town.OpenAsync(server.End);
        var seen = await ForeignProgram.TextAsync("ffprobe", ["-v", "error", "-rtsp_transport", "udp", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", UrlOf(tunnel)], [], town.Over);

        var streams = seen.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(',')).ToDictionary(static parts => parts[0], static parts => int.Parse(parts[1], null));
        Assert.InRange(streams["mpeg4"], GStreamerServer.Frames / 2, GStreamerServer.Frames);
        Assert.InRange(streams["pcm_mulaw"], 10, 40);
        AssertCameThrough(tunnel);
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task GStreamer_plays_too(string transport)
    {
        GStreamerServer.Require();
        ForeignProgram.Require("gst-launch-1.0");
        await using var town = await TunnelTown.StartAsync();
        using var server = new GStreamerServer();
        using var folder = new LabFolder();
        await using var tunnel = await town.OpenAsync(server.End);

        var sound = 0L;
        for (var plays = 0; plays < MaxPlays && sound < 28_000; plays++) // of 32,000 samples
        {
            string[] player = ["-q", "rtspsrc", $"location={UrlOf(tunnel)}", $"protocols={transport}", "name=source",
                "source.", "!", "application/x-rtp,media=video", "!", "rtpmp4vdepay", "!", "filesink", $"location={folder.PathOf("picture")}",
                "source.", "!", "application/x-rtp,media=audio", "!", "rtppcmudepay", "!", "filesink", $"location={folder.PathOf("sound")}"];
            await ForeignProgram.TextAsync("gst-launch-1.0", player, [], town.Over);
            sound = new FileInfo(folder.PathOf("sound")).Length;
        }
        Assert.InRange(sound, 28_000, 32_000);
        Assert.InRange(new FileInfo(folder.PathOf("picture")).Length, 500_000, 1_000_000);
        AssertCameThrough(tunnel);
    }

    [Fact] // RFC 7616: a digest is over the address that was asked for
    public async Task A_password_is_asked_for_and_given_by_digest()
    {
        GStreamerServer.Require();
        await using var town = await TunnelTown.StartAsync();
        using var server = new GStreamerServer(user: ("ada", "secret"));
        await using var tunnel = await town.OpenAsync(server.End);
        string[] Show(string url) => ["-v", "error", "-rtsp_transport", "udp", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url];

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => ForeignProgram.TextAsync("ffprobe", Show(UrlOf(tunnel, "ada:wrong@")), [], town.Over));
        Assert.Equal("mpeg4\npcm_mulaw\n", await ForeignProgram.TextAsync("ffprobe", Show(UrlOf(tunnel, "ada:secret@")), [], town.Over));
    }

    // Two machines that share nothing but the internet: the camera's is found by its public address, the player's is behind the NATs of its home and carrier.
    [Fact]
    public void A_machine_behind_two_NATs_plays_what_is_offered_on_another()
    {
        GStreamerServer.Require();
        ForeignProgram.Require("ip", "nsenter");
        using var internet = KernelLab.Create();
        var carrier = internet.AddCarrier("carrier", NatKind.PortRestricted);
        var player = internet.AddHome("home", NatKind.Symmetric, new() { Behind = carrier }).AddHost("player").Namespace;
        var camera = internet.AddServer("camera", "198.51.100.10").Namespace;
        internet.Start();
        using var server = new GStreamerServer(camera);
        using var share = SampleProgram.Start(camera, "RemotePort", "share", $"camera={server.End}");
        using var use = SampleProgram.Start(player, "RemotePort", "use", share.WaitForLine("ticket ", Patience)["ticket ".Length..], "camera=tcp:8554");
        use.WaitForLine("camera ", Patience);
        using var folder = new LabFolder();
        string[] quiet = ["-v", "error", "-nostdin", "-y"];
        player.Run("ffmpeg", [.. quiet, "-i", server.Film, "-map", "0:v", "-c", "copy", "-f", "framemd5", folder.PathOf("sent")]);

        var whole = 0;
        for (var plays = 0; plays < MaxPlays && whole < Enough; plays++)
        {
            player.Run("ffmpeg", [.. quiet, "-rtsp_transport", "udp", "-i", "rtsp://127.0.0.1:8554/door", "-map", "0:v", "-c", "copy", "-f", "framemd5", folder.PathOf("played")]);
            whole = FramesOf(File.ReadAllText(folder.PathOf("played"))).Intersect(FramesOf(File.ReadAllText(folder.PathOf("sent"))), StringComparer.Ordinal).Count();
        }
        Assert.InRange(whole, Enough, GStreamerServer.Frames);
    }

    // Programs of this machine could reach each other without it. The film has 800,000 bytes.
    private static void AssertCameThrough(Tunnel tunnel) => Assert.InRange(tunnel.Statistics.BytesFromPeers, 400_000, long.MaxValue);

    private static string UrlOf(Tunnel tunnel, string user = "") => $"rtsp://{user}127.0.0.1:{tunnel.LocalEnd.Port}/door";

    private static Task<string> FfmpegAsync(TunnelTown town, params string[] arguments) => ForeignProgram.TextAsync("ffmpeg", ["-v", "error", "-nostdin", .. arguments], [], town.Over);

    // "stream, dts, pts, duration, size, hash" a frame; times are the player's own.
    private static string[] FramesOf(string frames) =>
        [.. frames.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith('#')).Select(static line => line.Split(',')[5].Trim())];
}
