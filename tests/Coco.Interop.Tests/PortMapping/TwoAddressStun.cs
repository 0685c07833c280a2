using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Coco.Lab.Kernel;

namespace Coco.Interop.Tests.PortMapping;

/// <summary>
/// The least STUN server by which miniupnpd convinces itself that its address is public, though it is one for documentation: two
/// addresses, two ports, Binding requests with CHANGE-REQUEST (RFC 5780 §7.2).
/// </summary>
internal sealed class TwoAddressStun : IDisposable
{
    public const int Port = 3478;

    private const uint Cookie = 0x2112A442;
    private const int ChangeRequest = 0x0003;

    private readonly Socket[] _sockets; // bit 1: the other address, bit 0: the other port
    private readonly Task[] _serving;

    public TwoAddressStun(KernelHost host)
    {
        Addresses = [.. host.Addresses.Where(address => address.AddressFamily is AddressFamily.InterNetwork).Take(2)];
        _sockets = [.. Enumerable.Range(0, 4).Select(number =>
        {
            var socket = host.CreateSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(Addresses[number >> 1], Port + (number & 1)));
            return socket;
        })];
        _serving = [.. Enumerable.Range(0, 4).Select(number => Task.Run(() => ServeAsync(number)))];
    }

    public IReadOnlyList<IPAddress> Addresses { get; }

    public void Dispose()
    {
        foreach (var socket in _sockets) { socket.Dispose(); }
        Task.WaitAll(_serving, TimeSpan.FromSeconds(10));
    }

    private async Task ServeAsync(int number)
    {
        var buffer = new byte[1500];
        try
        {
            while (true)
            {
                var received = await _sockets[number].ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                var request = buffer[..received.ReceivedBytes];
                if (request.Length < 20 || BinaryPrimitives.ReadUInt16BigEndian(request) != 0x0001) { continue; }
                _sockets[number ^ ChangeIn(request)].SendTo(Answer(request, (IPEndPoint)received.RemoteEndPoint), received.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    // The attribute's flags: 4 for another address, 2 for another port.
    private static int ChangeIn(byte[] request)
    {
        for (var at = 20; at + 8 <= request.Length; at += 4 + ((BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(at + 2)) + 3) & ~3))
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(at)) == ChangeRequest) { return request[at + 7] >> 1; }
        }
        return 0;
    }

    private static byte[] Answer(byte[] request, IPEndPoint client)
    {
        var answer = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(answer, 0x0101);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), 12);
        request.AsSpan(4, 16).CopyTo(answer.AsSpan(4));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(20), 0x0020); // XOR-MAPPED-ADDRESS
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(22), 8);
        answer[25] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(26), (ushort)(client.Port ^ (int)(Cookie >> 16)));
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(28), BinaryPrimitives.ReadUInt32BigEndian(client.Address.GetAddressBytes()) ^ Cookie);
        return answer;
    }
}
