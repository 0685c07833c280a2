using System.Net.Sockets;
using Coco.Lab.Kernel;

namespace Coco.Lab.Endpoints;

/// <summary>Reads every packet that comes to a host, and counts those in which an <see cref="EchoFlow"/> can be read.</summary>
internal sealed class PlaintextWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _watching;
    private long _packets;
    private long _plaintexts;

    public PlaintextWatch(KernelHost host)
    {
        // Raw sockets get a copy of what comes, beside those it is for (raw(7)).
        Socket[] sockets =
        [
            host.CreateSocket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Udp),
            host.CreateSocket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp),
        ];
        _watching = Task.WhenAll(sockets.Select(WatchAsync));
    }

    /// <summary>Packets read so far.</summary>
    public long Packets => Interlocked.Read(ref _packets);

    /// <summary>Packets with plaintext so far.</summary>
    public long Plaintexts => Interlocked.Read(ref _plaintexts);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    private async Task WatchAsync(Socket socket)
    {
        using var own = socket;
        var buffer = new byte[128 << 10]; // what the kernel joins may have 64 KiB
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, _stopping.Token);
                Interlocked.Increment(ref _packets);
                if (buffer.AsSpan(0, length).IndexOf(EchoFlow.Marker) >= 0) { Interlocked.Increment(ref _plaintexts); }
            }
        }
        catch (OperationCanceledException)
        {
            // The lab is over.
        }
    }
}
