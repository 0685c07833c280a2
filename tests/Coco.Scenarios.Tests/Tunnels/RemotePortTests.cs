using Coco.Lab;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Kernel;
using Coco.Scenarios.Tests.Samples;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>The sample RemotePort, as people run it: a process on each of two machines, which share nothing but a cable. Ports are those of the machines' own.</summary>
[Collection(EndpointLab.Collection)]
public sealed class RemotePortTests
{
    private const int MaxPlays = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_port_of_one_machine_is_used_on_another()
    {
        ForeignProgram.Require("ip", "nsenter", "socat");
        using var lab = new VethPair();
        using var echo = lab.Right.Start("socat", "-d", "-d", "TCP4-LISTEN:7000,fork,reuseaddr", "PIPE");
        echo.WaitForLine("listening on", Patience);
        using var share = Run(lab.Right, "share", "echo=tcp:7000");
        using var use = Run(lab.Left, "use", TicketOf(share), "echo=tcp:7001");
        Assert.Equal("echo tcp:127.0.0.1:7001", use.WaitForLine("echo ", Patience));

        using var client = lab.Left.Start("socat", "-", "TCP4:127.0.0.1:7001");
        client.Input.Write("there and back\n");
        client.Input.Flush();
        client.WaitForLine("there and back", Patience);
        client.Input.Close();
        Assert.Equal(0, client.WaitForExit(Patience));
    }

    // RFC 2326 §12.39: media go to a port that the server names, which has to be the same one on both machines.
    [Fact]
    public void Ffmpeg_plays_what_another_sends_by_RTSP_with_media_in_datagrams()
    {
        ForeignProgram.Require("ip", "nsenter", "ffmpeg");
        using var lab = new VethPair();
        PlayByRtsp(lab.Left, lab.Right);
    }

    // Who shares has no relay and is found by its public address; who uses is behind the NATs of its home and of its carrier.
    [Fact]
    public void Ffmpeg_plays_what_another_sends_by_RTSP_with_media_in_datagrams_through_two_NATs()
    {
        ForeignProgram.Require("ip", "nsenter", "ffmpeg");
        using var internet = KernelLab.Create();
        var carrier = internet.AddCarrier("carrier", NatKind.PortRestricted);
        var sender = internet.AddHome("home", NatKind.Symmetric, new() { Behind = carrier }).AddHost("sender");
        var player = internet.AddServer("player", "198.51.100.10");
        internet.Start();
        PlayByRtsp(sender.Namespace, player.Namespace);
    }

    private static void PlayByRtsp(NetNamespace left, NetNamespace right)
    {
        using var folder = new LabFolder();
        left.Run("ffmpeg", [.. Quiet, "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", "-c:v", "mpeg4", "-b:v", "2M", folder.PathOf("clip.mp4")]);
        left.Run("ffmpeg", [.. Quiet, "-i", folder.PathOf("clip.mp4"), "-c", "copy", "-f", "framemd5", folder.PathOf("sent")]);
        string[] services = ["rtsp=tcp:8554", "rtp=udp:5000", "rtcp=udp:5001"];
        using var share = Run(right, ["share", .. services]);
        using var use = Run(left, ["use", TicketOf(share), .. services]);
        use.WaitForLine("rtcp ", Patience);

        // Datagrams may be lost where ffmpeg does not get the processor in time, and frames with them; through what is between they come whole.
        var sent = FramesOf(folder.PathOf("sent"));
        var whole = 0;
        for (var plays = 0; plays < MaxPlays && whole < sent.Length * 95 / 100; plays++)
        {
            using var player = right.Start("ffmpeg", [.. Quiet, "-rtsp_flags", "listen", "-min_port", "5000", "-max_port", "5001", "-i", "rtsp://127.0.0.1:8554/live", "-c", "copy", "-f", "framemd5", folder.PathOf("played")]);
            WaitUntilListening(right, 8554);
            left.Run("ffmpeg", [.. Quiet, "-re", "-i", folder.PathOf("clip.mp4"), "-c", "copy", "-f", "rtsp", "-rtsp_transport", "udp", "-min_port", "6000", "-max_port", "6010", "rtsp://127.0.0.1:8554/live"]);
            Assert.Equal(0, player.WaitForExit(Patience));
            whole = FramesOf(folder.PathOf("played")).Intersect(sent, StringComparer.Ordinal).Count();
        }
        Assert.Equal(100, sent.Length);
        Assert.InRange(whole, 95, 100);
    }

    private static string[] Quiet { get; } = ["-v", "error", "-nostdin", "-y"];

    private static string TicketOf(LabProcess share) => share.WaitForLine("ticket ", Patience)["ticket ".Length..];

    private static LabProcess Run(NetNamespace machine, params string[] arguments) => SampleProgram.Start(machine, "RemotePort", arguments);

    // proc(5): local address and port in hexadecimal, and state 0A.
    private static void WaitUntilListening(NetNamespace machine, int port)
    {
        for (var tries = 0; !machine.Run("cat", "/proc/net/tcp").Contains($":{port:X4} 00000000:0000 0A", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 500, $"nobody listens at {port}");
            Thread.Sleep(20);
        }
    }

    private static string[] FramesOf(string file) => [.. File.ReadLines(file).Where(static line => !line.StartsWith('#')).Select(static line => line.Split(',')[5].Trim())];
}
