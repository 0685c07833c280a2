using System.Net;
using System.Security.Cryptography;
using Coco.Interop.Tests.Processes;
using Coco.Transport.Links;

namespace Coco.Interop.Tests.WebSockets;

/// <summary>Our WebSocket links against ws of Node.js, which offers and accepts permessage-deflate; we do neither.</summary>
public sealed class WsTests
{
    private static readonly int[] Sizes = [1, 125, 126, 1200, 16_384, 65_535];

    [Fact]
    public async Task Its_client_echoes_what_our_server_sends()
    {
        WsPeer.SkipIfMissing();
        var sink = new EchoSink();
        await using var links = new LinkSet(sink, new() { Proxy = ProxyOptions.None });
        var bound = await links.ListenWebSocketAsync(new(IPAddress.Loopback, 0));
        using var client = WsPeer.Start("client", $"wss://{bound}/coco");

        await AssertEchoesAsync(links, sink);
        await links.DisposeAsync();

        Assert.Equal(0, client.ExitCode);
        Assert.Contains("open coco []", client.Output, StringComparison.Ordinal);
        Assert.Contains("closed 1000", client.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_server_echoes_what_our_client_sends_and_hears_our_pings()
    {
        WsPeer.SkipIfMissing();
        using var pem = new TempPem();
        using var server = WsPeer.Start("server", pem.KeyFile, pem.CertificateFile);
        var port = await WaitForAsync(server, "listening ");
        var sink = new EchoSink();
        await using var links = new LinkSet(sink, new() { Proxy = ProxyOptions.None, PingInterval = TimeSpan.FromMilliseconds(50) });
        links.OpenWebSocket(1, $"wss://127.0.0.1:{port}/coco");

        await AssertEchoesAsync(links, sink);
        await WaitForAsync(server, "ping");
        await links.DisposeAsync();

        Assert.Equal("1000", await WaitForAsync(server, "closed "));
    }

    private static async Task AssertEchoesAsync(LinkSet links, EchoSink sink)
    {
        var link = await sink.LinkAsync();
        links.MarkAuthenticated(link);
        foreach (var size in Sizes)
        {
            var datagram = RandomNumberGenerator.GetBytes(size);
            Assert.True(links.TrySend(link, datagram, size));
            Assert.Equal(datagram, await sink.DatagramAsync());
        }
    }

    private static async Task<string> WaitForAsync(ForeignProcess process, string words)
    {
        var deadline = Deadline.In(TimeSpan.FromSeconds(20));
        while (!process.Output.Contains(words, StringComparison.Ordinal))
        {
            Assert.False(process.HasExited || deadline.IsOver, process.Output);
            await Task.Delay(10);
        }
        return process.Output.Split(words)[1].Split('\n')[0].Trim();
    }

    private sealed class TempPem : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-ws-");

        public TempPem()
        {
            using var certificate = RelayCertificate.Make(DateTimeOffset.UtcNow);
            using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
            File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        }

        public string KeyFile => Path.Combine(_folder.FullName, "key.pem");

        public string CertificateFile => Path.Combine(_folder.FullName, "certificate.pem");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
