using System.Globalization;
using Coco.Lab;
using Coco.Tunnels;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>GStreamer's RTSP server, which knows nothing of Coco: a film of four seconds with picture and sound, from its beginning for each who asks, as
/// <c>/door</c>.</summary>
internal sealed class GStreamerServer : IDisposable
{
    public const int Frames = 100;

    // Debian's own: another one on the path does not know Debian's modules.
    private const string Python = "/usr/bin/python3";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LabFolder _folder = new();
    private readonly LabProcess _process;

    /// <param name="machine">Where it runs; null for this machine.</param>
    /// <param name="user">Who may watch, as name and password; null for everybody.</param>
    public GStreamerServer(NetNamespace? machine = null, (string Name, string Password)? user = null)
    {
        string[] film = ["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", "-f", "lavfi", "-i", "sine=sample_rate=8000:duration=4", "-c:v", "mpeg4", "-b:v", "2M", "-g", "25", "-c:a", "pcm_mulaw", Film];
        using (var making = LabProcess.Start("ffmpeg", film)) { Assert.Equal(0, making.WaitForExit(Patience)); }
        File.WriteAllText(_folder.PathOf("server.py"), Program);
        string[] arguments = [_folder.PathOf("server.py"), Film, .. user is var (name, password) ? [name, password] : Array.Empty<string>()];
        _process = machine is null ? LabProcess.Start(Python, arguments) : machine.Start(Python, arguments);
        End = TunnelEnd.Rtsp(int.Parse(_process.WaitForLine("listening on ", Patience)["listening on ".Length..], CultureInfo.InvariantCulture));
    }

    public TunnelEnd End { get; }

    public string Film => _folder.PathOf("film.mov");

    /// <summary>Skips the test where it is not installed.</summary>
    public static void Require() => ForeignProgram.Require("ffmpeg", "ffprobe", Python, FileOf("girepository-1.0/GstRtspServer-1.0.typelib"), FileOf("gstreamer-1.0/libgstrtpmanager.so"), FileOf("gstreamer-1.0/libgstvideoparsersbad.so"));

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    // Debian has a folder for each kind of processor.
    private static string FileOf(string name) =>
        Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu*").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? $"/usr/lib/{name}";

    private const string Program = """
        import sys, gi
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtsp", "1.0")
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
        Gst.init(None)
        server = GstRtspServer.RTSPServer()
        server.set_address("127.0.0.1")
        server.set_service("0")
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch("( filesrc location=" + sys.argv[1] + " ! qtdemux name=demux "
            "demux.video_0 ! queue ! mpeg4videoparse ! rtpmp4vpay pt=96 name=pay0 demux.audio_0 ! queue ! rtppcmupay name=pay1 )")
        if len(sys.argv) > 2:
            token = GstRtspServer.RTSPToken()
            token.set_string("media.factory.role", "viewer")
            auth = GstRtspServer.RTSPAuth()
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(sys.argv[2], sys.argv[3], token)
            server.set_auth(auth)
            role = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            factory.add_role_from_structure(Gst.Structure.from_string(role)[0])
        server.get_mount_points().add_factory("/door", factory)
        server.attach(None)
        print("listening on %d" % server.get_bound_port(), flush=True)
        GLib.MainLoop().run()
        """;
}
