using System.Globalization;
using System.Net;
using Coco.Interop.Tests.Processes;

namespace Coco.Interop.Tests.Ngtcp2;

/// <summary>How ngtcp2's example client and server, which Debian ships, are called.</summary>
internal static class Gtls
{
    /// <summary>Nothing but what we speak, so that a test with it is the interop runner's "chacha20".</summary>
    public static readonly string[] OurSuiteOnly =
    [
        "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305",
        "--groups=-GROUP-ALL:+GROUP-X25519",
    ];

    // COCO_VERBOSE=1 makes ngtcp2 print each packet, which slows it down; failures then show the last of them.
    private static readonly string[] Quiet = Environment.GetEnvironmentVariable("COCO_VERBOSE") == "1" ? [] : ["-q"];

    public static void SkipIfMissing()
    {
        Needs.Program("gtlsclient", "apt-get install ngtcp2-client");
        Needs.Program("gtlsserver", "apt-get install ngtcp2-server");
    }

    /// <summary>A client that gets a resource of ours and keeps it in a folder.</summary>
    public static ForeignProcess Client(IPEndPoint server, string folder, params string[] more) => new("gtlsclient",
    [
        .. Quiet, "--exit-on-all-streams-close", $"--download={folder}", "--no-quic-dump", "--no-http-dump", .. more,
        server.Address.ToString(), Text(server.Port), "https://localhost/file",
    ]);

    /// <summary>A server of the files in a folder, once it listens.</summary>
    public static (ForeignProcess Process, IPEndPoint Address) Server(string folder, TestCertificate certificate, params string[] more)
    {
        var port = ForeignProcess.FreeUdpPort();
        var process = new ForeignProcess("gtlsserver",
        [
            .. Quiet, "-d", folder, "--no-quic-dump", "--no-http-dump", .. more, "127.0.0.1", Text(port), certificate.KeyFile, certificate.CertificateFile,
        ]);
        process.WaitForUdpPort(port);
        return (process, new IPEndPoint(IPAddress.Loopback, port));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
