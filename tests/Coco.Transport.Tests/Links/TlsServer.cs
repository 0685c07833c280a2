using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Coco.Transport.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>A web server over TLS that answers one request as a test says; what it returns is the open connection.</summary>
internal sealed class TlsServer : IDisposable
{
    private readonly Socket _listener = RawPeer.Listen();

    public string Url => $"wss://{_listener.LocalEndPoint}/coco";

    /// <summary>Waits for a request and answers; {accept} stands for what proves that its key was read.</summary>
    public async Task<(HttpHead Request, SslStream Stream)> AnswerAsync(string answer)
    {
        var stream = new SslStream(new NetworkStream(await _listener.AcceptAsync(), ownsSocket: true));
        await stream.AuthenticateAsServerAsync(RelayCertificate.Make(DateTimeOffset.UtcNow));
        var request = await HttpHead.ReadAsync(stream, CancellationToken.None);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer.Replace("{accept}", WebSocketUpgrade.AcceptFor(request["Sec-WebSocket-Key"]), StringComparison.Ordinal)));
        return (request, stream);
    }

    public void Dispose() => _listener.Dispose();
}
