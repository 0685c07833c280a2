using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Lab.Kernel;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>A UDP socket of a host in the lab, for short texts.</summary>
internal sealed class LabSocket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[2048];

    public LabSocket(KernelHost host, AddressFamily family = AddressFamily.InterNetwork, IPEndPoint? local = null)
    {
        _socket = host.CreateSocket(family, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(local ?? new IPEndPoint(family is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Local { get; }

    public Socket Socket => _socket;

    public void Send(IPEndPoint to, string text) => _socket.SendTo(Encoding.ASCII.GetBytes(text), to);

    /// <summary>The next text and where it came from; fails the test when none comes.</summary>
    public async Task<(string Text, IPEndPoint From)> ReceiveAsync() =>
        await TryReceiveAsync(Patience) ?? throw new TimeoutException($"nothing came to {Local}");

    /// <summary>Sends to another socket and answers where that saw it come from.</summary>
    public async Task<IPEndPoint> ReachAsync(LabSocket other, IPEndPoint? at = null)
    {
        var token = Guid.NewGuid().ToString("N");
        Send(at ?? other.Local, token);
        while (true)
        {
            var (text, from) = await other.ReceiveAsync();
            if (text == token) { return from; }
        }
    }

    /// <summary>Sends to another socket, which must not hear of it.</summary>
    public async Task<bool> ReachesAsync(LabSocket other, IPEndPoint at)
    {
        var token = Guid.NewGuid().ToString("N");
        Send(at, token);
        while (await other.TryReceiveAsync(Quiet) is { } received)
        {
            if (received.Text == token) { return true; }
        }

        return false;
    }

    public async Task<(string Text, IPEndPoint From)?> TryReceiveAsync(TimeSpan within)
    {
        using var over = new CancellationTokenSource(within);
        try
        {
            var any = new IPEndPoint(_socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            var result = await _socket.ReceiveFromAsync(_buffer, any, over.Token);
            return (Encoding.ASCII.GetString(_buffer, 0, result.ReceivedBytes), (IPEndPoint)result.RemoteEndPoint);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
