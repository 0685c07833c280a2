using System.Net;
using System.Net.Sockets;

namespace Coco.Cli.Tests;

/// <summary>A TCP server on loopback that says back what it hears.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly TcpListener _listener;

    /// <param name="port">Where; 0 for any that is free.</param>
    public EchoServer(int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true) { _ = EchoAsync(await _listener.AcceptSocketAsync()); }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await stream.CopyToAsync(stream);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }
}
