using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Coco.Mqtt.Packets;
using Coco.Tunnels;

namespace Coco.Mqtt.Tests.Hosting;

/// <summary>A client that sends whatever bytes a test wants, on a real socket.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly ProtocolVersion _version;
    private byte[] _received = [];

    private RawClient(Socket socket, ProtocolVersion version) => (_socket, _version) = (socket, version);

    public static async Task<RawClient> ConnectAsync(MqttEdge edge, ProtocolVersion version)
    {
        EndPoint address = edge.End.Kind is TunnelKind.Unix ? new UnixDomainSocketEndPoint(edge.End.Host) : new IPEndPoint(IPAddress.Loopback, edge.End.Port);
        return await TryConnectAsync(address, version) ?? throw new InvalidOperationException($"nobody is at {address}");
    }

    /// <summary>Null where nobody is there.</summary>
    public static async Task<RawClient?> TryConnectAsync(EndPoint address, ProtocolVersion version)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address);
            return new(socket, version);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Connects as a client of a session; what comes back is checked.</summary>
    public static async Task<RawClient> BeginAsync(
        MqttEdge edge, string clientId, ProtocolVersion version = ProtocolVersion.V5, bool isClean = true, PropertySet? properties = null, bool isPresent = false)
    {
        var client = await ConnectAsync(edge, version);
        await client.SendAsync(new ConnectPacket { Version = version, ClientId = clientId, IsCleanStart = isClean, Properties = properties });
        var answer = Assert.IsType<ConnackPacket>(await client.ReceiveAsync());
        Assert.Equal((ReasonCode.Success, isPresent), (answer.Reason, answer.IsSessionPresent));
        return client;
    }

    public Task SendAsync(params IEnumerable<MqttPacket> packets) => SendAsync(packets.SelectMany(packet => Tests.Packets.Wire.Bytes(packet, _version)).ToArray());

    public async Task SendAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;) { sent += await _socket.SendAsync(bytes.AsMemory(sent)); }
    }

    /// <summary>The next packet; null where the server has ended the connection.</summary>
    public async Task<MqttPacket?> ReceiveAsync(TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? Patience);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var input = new ReadOnlySequence<byte>(_received);
            if (PacketCodec.TryCut(ref input, int.MaxValue, out var first, out var body) is FrameStatus.Whole)
            {
                var packet = PacketCodec.Read(first, body.ToArray(), _version, out var error);
                Assert.True(packet is not null, $"the server sent what is no packet: {error}");
                _received = input.ToArray();
                return packet;
            }
            int count;
            try { count = await _socket.ReceiveAsync(buffer, patience.Token); }
            catch (SocketException) { count = 0; }
            if (count == 0) { return null; }
            _received = [.. _received, .. buffer.AsSpan(0, count)];
        }
    }

    /// <summary>All that comes until the server ends the connection.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var stream = new NetworkStream(_socket, ownsSocket: false);
        var all = new MemoryStream();
        await stream.CopyToAsync(all, patience.Token);
        return all.ToArray();
    }

    public async Task<T> ReceiveAsync<T>(TimeSpan? within = null)
        where T : MqttPacket => Assert.IsType<T>(await ReceiveAsync(within));

    public async Task SubscribeAsync(string filter, byte options = 2)
    {
        await SendAsync(new SubscribePacket(1000) { Requests = [new(filter, new(options))] });
        Assert.All((await ReceiveAsync<SubackPacket>()).Reasons, static reason => Assert.True(reason < ReasonCode.Unspecified));
    }

    public void Dispose() => _socket.Dispose();
}
