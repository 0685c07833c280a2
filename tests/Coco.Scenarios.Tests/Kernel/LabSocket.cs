using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Lab.Kernel;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>A UDP socket of a host in the lab, for short texts.</summary>
internal sealed class LabSocket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private static int _tokens;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[2048];

    public LabSocket(KernelHost host, AddressFamily family = AddressFamily.InterNetwork, IPEndPoint? local = null)
    {
        family = local?.AddressFamily ?? family;
        _socket = host.CreateSocket(family, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(local ?? new IPEndPoint(Any, 0));
        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Local { get; }

    public Socket Socket => _socket;

    private IPAddress Any => _socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    // Begins with a digit, 0x30 to 0x39, so that nothing takes it for QUIC.
    private static string NextToken() => Interlocked.Increment(ref _tokens).ToString();

    public void Send(IPEndPoint to, string text) => _socket.SendTo(Encoding.ASCII.GetBytes(text), to);

    /// <summary>The next text and where it came from; fails the test when none comes.</summary>
    public async Task<(string Text, IPEndPoint From)> ReceiveAsync() =>
        await TryReceiveAsync(Patience) ?? throw new TimeoutException($"nothing came to {Local}");

    /// <summary>Sends to another socket and answers where that saw it come from.</summary>
    public async Task<IPEndPoint> ReachAsync(LabSocket other, IPEndPoint? at = null)
    {
        var token = NextToken();
        Send(at ?? other.Local, token);
        while (true)
        {
            var (text, from) = await other.ReceiveAsync();
            if (text == token) { return from; }
        }
    }

    /// <summary>Sends to another socket once, at least so many bytes, and answers whether that hears of it.</summary>
    public async Task<bool> ReachesAsync(LabSocket other, IPEndPoint at, int size = 0)
    {
        var token = NextToken().PadRight(size, '.');
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
            var result = await _socket.ReceiveFromAsync(_buffer, new IPEndPoint(Any, 0), over.Token);
            return (Encoding.ASCII.GetString(_buffer, 0, result.ReceivedBytes), (IPEndPoint)result.RemoteEndPoint);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A text that has come already, without waiting for one.</summary>
    public bool TryTake(out string text, out IPEndPoint from)
    {
        (text, from) = ("", Local);
        if (_socket.Available == 0) { return false; }

        EndPoint source = new IPEndPoint(Any, 0);
        var count = _socket.ReceiveFrom(_buffer, ref source);
        (text, from) = (Encoding.ASCII.GetString(_buffer, 0, count), (IPEndPoint)source);
        return true;
    }

    public void Dispose() => _socket.Dispose();
}
