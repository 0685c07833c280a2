using Coco.Lab;
using Coco.Scenarios.Tests.Samples;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>The sample RemotePort, as people run it: a process on each of two machines, which share nothing but a cable. Ports are those of the machines' own.</summary>
public sealed class RemotePortTests
{
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
        var folder = Directory.CreateTempSubdirectory("coco-clip").FullName;
        lab.Left.Run("ffmpeg", [.. Quiet, "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", "-c:v", "mpeg4", "-b:v", "2M", $"{folder}/clip.mp4"]);
        lab.Left.Run("ffmpeg", [.. Quiet, "-i", $"{folder}/clip.mp4", "-c", "copy", "-f", "framemd5", $"{folder}/sent"]);
        string[] services = ["rtsp=tcp:8554", "rtp=udp:5000", "rtcp=udp:5001"];
        using var share = Run(lab.Right, ["share", .. services]);
        using var use = Run(lab.Left, ["use", TicketOf(share), .. services]);
        use.WaitForLine("rtcp ", Patience);

        using var player = lab.Right.Start("ffmpeg", [.. Quiet, "-rtsp_flags", "listen", "-min_port", "5000", "-max_port", "5001", "-i", "rtsp://127.0.0.1:8554/live", "-c", "copy", "-f", "framemd5", $"{folder}/played"]);
        WaitUntilListening(lab.Right, 8554);
        lab.Left.Run("ffmpeg", [.. Quiet, "-re", "-i", $"{folder}/clip.mp4", "-c", "copy", "-f", "rtsp", "-rtsp_transport", "udp", "-min_port", "6000", "-max_port", "6010", "rtsp://127.0.0.1:8554/live"]);
        Assert.Equal(0, player.WaitForExit(Patience));

        // Datagrams may be lost, on a busy machine too; no frame may come damaged unnoticed.
        var (sent, played) = (FramesOf($"{folder}/sent"), FramesOf($"{folder}/played"));
        Assert.Equal(100, sent.Length);
        Assert.InRange(played.Intersect(sent, StringComparer.Ordinal).Count(), 95, 100);
        Directory.Delete(folder, recursive: true);
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
