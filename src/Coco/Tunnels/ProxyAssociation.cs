using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Hosting;

namespace Coco.Tunnels;

/// <summary>
/// A client's datagrams through the proxy (RFC 1928 §7): each names the service it goes to, and lives as long as the connection that asked for it.
/// The client sends from the port it has named, or else from the one of its first datagram.
/// </summary>
internal sealed class ProxyAssociation : IDisposable
{
    private readonly Socket _socket;
    private readonly IPAddress _client;
    private readonly Gate _gate;
    private readonly TunnelCounters _counters;
    private readonly TaskSet _tasks = new();
    private readonly Lock _lock = new(); // guards _flows
    private readonly Dictionary<(string Host, ushort Port), LocalFlow> _flows = [];
    private SocketAddress? _sender;
    private readonly int _namedPort;

    /// <summary>Opens a port for them.</summary>
    /// <param name="local">Where.</param>
    /// <param name="client">The client, with port 0 where it has named none.</param>
    /// <param name="gate">Whose datagrams are taken: another program of the machine could send some too.</param>
    /// <param name="counters">Where they are counted.</param>
    public ProxyAssociation(IPAddress local, IPEndPoint client, Gate gate, TunnelCounters counters)
    {
        (_client, _namedPort, _gate, _counters) = (client.Address, client.Port, gate, counters);
        _socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(local, 0));
    }

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Carries datagrams until the client closes its connection.</summary>
    public async Task RunAsync(Socket control, Func<string, LocalFlow, CancellationToken, Task> serve, ActiveSet flows, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = ReceiveAsync(serve, over.Token);
        try
        {
            var rest = new byte[64];
            while (await control.ReceiveAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false) > 0) { }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // So it is over.
        }
        await over.CancelAsync().ConfigureAwait(false);
        await receiving.ConfigureAwait(false);
        flows.Close();
        await _tasks.WhenAllEnded().ConfigureAwait(false);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync(Func<string, LocalFlow, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        var buffer = new byte[FlowHeader.MaxLength + ushort.MaxValue];
        var sender = new SocketAddress(_socket.AddressFamily);
        while (true)
        {
            try
            {
                var length = await _socket.ReceiveFromAsync(buffer.AsMemory(FlowHeader.MaxLength), SocketFlags.None, sender, cancellationToken).ConfigureAwait(false);
                if (!IsClient(sender) || !Socks5.TryReadDatagram(buffer.AsSpan(FlowHeader.MaxLength, length), out var host, out var port, out var header)
                    || FlowTo(host, port, serve, cancellationToken) is not { } flow)
                {
                    _counters.AddLost();
                    continue;
                }
                flow.Send(buffer, FlowHeader.MaxLength + header, length - header);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client does not listen any more where it was sent to.
            }
        }
    }

    private bool IsClient(SocketAddress sender)
    {
        if (_sender is not null) { return _sender.Equals(sender); }
        var address = (IPEndPoint)LocalEndPoint.Create(sender);
        if (!address.Address.Equals(_client) || (_namedPort != 0 && _namedPort != address.Port) || _gate.Admit(address, LocalEndPoint) is not null) { return false; }
        _sender = address.Serialize();
        return true;
    }

    private LocalFlow? FlowTo(string host, ushort port, Func<string, LocalFlow, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        // Chosen: names a client makes up cost no more than the flows that it may have.
        const int MaxNames = 1024;
        lock (_lock)
        {
            if (_flows.TryGetValue((host, port), out var known)) { return known; }
            if (_flows.Count >= MaxNames) { return null; }
            // §7: an answer names whom it is from, which is whom the client has sent to.
            byte[] header = [0, 0, 0, 3, (byte)host.Length, .. Encoding.ASCII.GetBytes(host), (byte)(port >> 8), (byte)port];
            var flow = new LocalFlow(_counters, datagram => TrySend(header, datagram));
            _flows.Add((host, port), flow);
            if (!_tasks.TryRun(() => ServeAsync((host, port), flow, serve, cancellationToken))) { _flows.Remove((host, port)); }
            return flow;
        }
    }

    private async Task ServeAsync((string Host, ushort Port) name, LocalFlow flow, Func<string, LocalFlow, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        try
        {
            await serve(name.Host, flow, cancellationToken).ConfigureAwait(false);
        }
        catch (CocoException exception)
        {
            _counters.AddRefused(exception);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The association is over.
        }
        finally
        {
            lock (_lock) { _flows.Remove(name); }
        }
    }

    private bool TrySend(byte[] header, ReadOnlySpan<byte> datagram)
    {
        if (_sender is null) { return false; }
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(header.Length + datagram.Length);
        try
        {
            header.CopyTo(buffer, 0);
            datagram.CopyTo(buffer.AsSpan(header.Length));
            return _socket.SendTo(buffer.AsSpan(0, header.Length + datagram.Length), SocketFlags.None, _sender) > 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
