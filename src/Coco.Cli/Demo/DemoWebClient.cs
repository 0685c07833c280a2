using System.Net.Sockets;

namespace Coco.Cli.Demo;

/// <summary>A plain HTTP client at the local end of alice's tunnel. The end is a socket file, which the demo reaches from outside of her namespace.</summary>
internal sealed class DemoWebClient(string socket) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectCallback = async (_, stopping) => await ConnectAsync(socket, stopping), UseProxy = false })
    {
        BaseAddress = new("http://web"), Timeout = Timeout.InfiniteTimeSpan,
    };

    public Task<string> GetAsync(string path, CancellationToken stopping) => _http.GetStringAsync(path, stopping);

    /// <summary>The answer's body, once its head is there.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken stopping)
    {
        var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, stopping);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(stopping);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Stream> ConnectAsync(string path, CancellationToken stopping)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stopping);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
