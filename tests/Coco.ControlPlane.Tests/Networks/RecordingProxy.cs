using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Stands before a control plane and keeps every byte that goes to it, as it was on the wire.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _target;
    private readonly MemoryStream _sent = new();
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();

    public RecordingProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public string Sent
    {
        get
        {
            lock (_sent) { return Encoding.Latin1.GetString(_sent.ToArray()); }
        }
    }

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
                lock (_running) { _running.Add(ServeAsync(client)); }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var from = client;
        using var to = new TcpClient();
        try
        {
            await to.ConnectAsync(_target.Host, _target.Port, _stopping.Token);
            await Task.WhenAny(CopyAsync(from.GetStream(), to.GetStream(), record: true), CopyAsync(to.GetStream(), from.GetStream(), record: false));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool record)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and var count)
            {
                if (record)
                {
                    lock (_sent) { _sent.Write(buffer, 0, count); }
                }
                await to.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
        }
    }
}
