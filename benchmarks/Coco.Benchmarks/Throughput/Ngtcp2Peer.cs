using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>
/// ngtcp2's example server and client (Debian's ngtcp2-server, ngtcp2-client). The server sends, with segmentation offload; the
/// client sets no UDP_GRO. The client's time holds process start and handshake, some 10 ms; windows are as large as they help.
/// </summary>
internal sealed class Ngtcp2Peer(string cipher, string certificateFolder) : IThroughputPeer
{
    private const string Priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+";

    private readonly string _ciphers = $"--ciphers={Priority}{cipher switch
    {
        "chacha20" => "CHACHA20-POLY1305",
        "aes128gcm" => "AES-128-GCM",
        _ => throw new ArgumentException($"{cipher} is neither chacha20 nor aes128gcm"),
    }}";

    public string Name => $"ngtcp2-{cipher}";

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        string[] quiet = ["-q", "--no-quic-dump", "--no-http-dump", _ciphers];
        using var server = Ends.Start(lab.Left, 0, "gtlsserver",
            [.. quiet, "--max-dyn-length=4G", $"{lab.LeftAddress}", $"{Ends.Port}", $"{certificateFolder}/key.pem", $"{certificateFolder}/cert.pem"]);
        WaitUntilBound(lab);

        var before = server.ProcessorTime;
        using var client = Ends.Start(lab.Right, 1, "bash",
            [
                "-c", "TIMEFORMAT='took wall=%R user=%U system=%S'; time \"$@\"", "bash", "gtlsclient", .. quiet, "--exit-on-all-streams-close",
                "--max-data=32M", "--max-stream-data-bidi-local=32M", "--max-window=64M", "--max-stream-window=64M",
                $"{lab.LeftAddress}", $"{Ends.Port}", $"https://localhost/{bytes}",
            ]);
        var took = client.WaitForLine("took ", Ends.Patience);
        if (client.WaitForExit(Ends.Patience) != 0) { throw new InvalidOperationException($"{Name} failed: {client.Output}"); }

        return new(
            bytes,
            ThroughputResult.Figure(took, "wall"),
            (server.ProcessorTime - before).TotalSeconds,
            ThroughputResult.Figure(took, "user") + ThroughputResult.Figure(took, "system"));
    }

    /// <summary>Makes the certificate the server wants, in a folder of its own.</summary>
    public static string CreateCertificate()
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        using var openssl = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-keyout", $"{folder}/key.pem", "-out", $"{folder}/cert.pem",
            ]) { RedirectStandardError = true, UseShellExecute = false })!;
        openssl.StandardError.ReadToEnd();
        openssl.WaitForExit();
        return folder;
    }

    // The server prints nothing when it is ready.
    private static void WaitUntilBound(VethPair lab)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if (lab.Left.Run("cat", "/proc/net/udp").Contains($":{Ends.Port:X4} ", StringComparison.Ordinal)) { return; }
            Thread.Sleep(10);
        }

        throw new TimeoutException("gtlsserver does not listen");
    }
}
