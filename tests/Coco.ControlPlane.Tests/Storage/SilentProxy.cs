using System.Net;
using System.Net.Sockets;

namespace Coco.ControlPlane.Tests.Storage;

/// <summary>Stands before a server, and can go silent: connections that are there stay open, and nothing comes through them any more. New ones go on.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private volatile int _silenced;
    private int _connections;

    public SilentProxy(int target)
    {
        _target = target;
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Silences the connections that there are.</summary>
    public void Silence() => _silenced = Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Task[] running;
        lock (_running) { running = [.. _running]; }
        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                lock (_running) { _running.Add(ServeAsync(client, Interlocked.Increment(ref _connections))); }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        using var from = client;
        using var to = new TcpClient();
        try
        {
            await to.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            await Task.WhenAny(PassAsync(from.GetStream(), to.GetStream(), number), PassAsync(to.GetStream(), from.GetStream(), number));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, int number)
    {
        var buffer = new byte[16 << 10];
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and var count)
        {
            if (number > _silenced) { await to.WriteAsync(buffer.AsMemory(0, count), _stopping.Token); }
        }
    }
}
