using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coco.Transport.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>An HTTP proxy that knows CONNECT only. It may want a password, refuse, or open the TLS that passes through it.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly Socket _listener = RawPeer.Listen();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public TestProxy() => _running = AcceptAsync();

    public Uri Address => new($"http://{_listener.LocalEndPoint}");

    /// <summary>What Proxy-Authorization has to say.</summary>
    public string? Authorization { get; init; }

    /// <summary>The answer to all that ask, in place of a tunnel.</summary>
    public string? Answer { get; init; }

    /// <summary>With it, TLS ends here and is made anew to the server: the proxy sees what is inside.</summary>
    public X509Certificate2? Interceptor { get; init; }

    /// <summary>Requests to connect.</summary>
    public List<string> Targets { get; } = [];

    /// <summary>What the server sent inside TLS.</summary>
    public MemoryStream Seen { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
    }

    private async Task AcceptAsync()
    {
        var tunnels = new List<Task>();
        try
        {
            while (true) { tunnels.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token))); }
        }
        catch (OperationCanceledException) { }
        await Task.WhenAll(tunnels);
    }

    private async Task ServeAsync(Socket client)
    {
        await using var stream = new NetworkStream(client, ownsSocket: true);
        try
        {
            var head = await HttpHead.ReadAsync(stream, _stop.Token);
            var target = head.StartLine.Split(' ')[1];
            lock (Targets) { Targets.Add(head.StartLine); }
            var refusal = Answer
                ?? (Authorization is not null && head["Proxy-Authorization"] != Authorization ? "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n" : null);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(refusal ?? "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n"), _stop.Token);
            if (refusal is null) { await TunnelAsync(stream, IPEndPoint.Parse(target)); }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException) { }
    }

    private async Task TunnelAsync(Stream client, IPEndPoint target)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target, _stop.Token);
        Stream server = new NetworkStream(socket);
        if (Interceptor is not null)
        {
            var inner = new SslStream(client);
            await inner.AuthenticateAsServerAsync(Interceptor);
            var outer = new SslStream(server, leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
            await outer.AuthenticateAsClientAsync("localhost");
            (client, server) = (inner, outer);
        }
        await Task.WhenAny(PumpAsync(client, server, seen: null), PumpAsync(server, client, Seen));
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    private async Task PumpAsync(Stream from, Stream to, MemoryStream? seen)
    {
        var buffer = new byte[16 << 10];
        while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var count)
        {
            seen?.Write(buffer, 0, count);
            await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
