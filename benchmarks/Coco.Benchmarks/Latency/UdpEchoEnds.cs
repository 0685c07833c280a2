using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Coco.Benchmarks.Pipeline;
using Coco.Crypto;

namespace Coco.Benchmarks.Latency;

/// <summary>
/// How fast 64 bytes get there and back with nothing of a protocol around them: plain, or sealed as a packet of ours would be. Blocking
/// sockets, a thread at each end. The floor that round trips of others stand on, and what goes through their tunnels.
/// <code>
/// number(8) bytes(64) tag(16, where sealed)
/// </code>
/// </summary>
internal static class UdpEchoEnds
{
    public const string Plain = "plain", Sealed = "sealed";

    private const int Message = 64, Header = 8;
    private const ulong Answer = 1UL << 63; // set in numbers of answers, so that no nonce serves twice
    private const int MaxSilentTries = 150; // of 200 ms: an overlay takes some seconds until packets get through

    /// <summary>udp-echo-rx ADDRESS PORT plain|sealed: answers until killed.</summary>
    public static int Receive(string[] args)
    {
        var local = IPEndPoint.Parse(EndPoint(args));
        using var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(local);
        var packet = new Packet(args[2] is Sealed);
        var remote = new SocketAddress(local.AddressFamily);
        Console.WriteLine("listening");
        while (true)
        {
            var length = socket.ReceiveFrom(packet.Buffer, SocketFlags.None, remote);
            if (!packet.TryOpen(length, out var number)) { continue; }
            socket.SendTo(packet.Write(number | Answer), SocketFlags.None, remote);
        }
    }

    /// <summary>udp-echo-tx ADDRESS PORT plain|sealed COUNT: round trips one after the other; the first is tried for half a minute.</summary>
    public static int Send(string[] args)
    {
        var remote = IPEndPoint.Parse(EndPoint(args));
        using var socket = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 200 };
        socket.Connect(remote);
        var packet = new Packet(args[2] is Sealed);
        var next = 0UL;
        var times = EchoTimes.Measure(int.Parse(args[3], CultureInfo.InvariantCulture), RoundTrip);
        Console.WriteLine(EchoTimes.Line(times));
        return 0;

        void RoundTrip()
        {
            for (var tries = 0; tries < MaxSilentTries; tries++)
            {
                var number = next++;
                try
                {
                    socket.Send(packet.Write(number));
                    while (!packet.TryOpen(socket.Receive(packet.Buffer), out var answered) || answered != (number | Answer))
                    {
                        // An answer that came too late.
                    }
                    return;
                }
                catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
                {
                    // Lost; sent again.
                }
                catch (SocketException)
                {
                    Thread.Sleep(100); // no way there yet
                }
            }
            throw new TimeoutException("nobody answers");
        }
    }

    // Addresses of IPv6 stand in brackets there.
    private static string EndPoint(string[] args) => args[0].Contains(':', StringComparison.Ordinal) ? $"[{args[0]}]:{args[1]}" : $"{args[0]}:{args[1]}";

    private sealed class Packet(bool isSealed)
    {
        private readonly PacketAead _aead = PacketAead.ChaCha20Poly1305();
        private readonly int _length = Header + Message + (isSealed ? PacketAead.TagSize : 0);

        public byte[] Buffer { get; } = GC.AllocateArray<byte>(2048, pinned: true);

        public ReadOnlySpan<byte> Write(ulong number)
        {
            BinaryPrimitives.WriteUInt64BigEndian(Buffer, number);
            if (isSealed)
            {
                Span<byte> nonce = stackalloc byte[PacketAead.NonceSize];
                BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], number);
                _aead.Seal(PipelinePacket.KeyFor(_aead), nonce, Buffer.AsSpan(0, Header), Buffer.AsSpan(Header, _length - Header));
            }
            return Buffer.AsSpan(0, _length);
        }

        public bool TryOpen(int length, out ulong number)
        {
            number = BinaryPrimitives.ReadUInt64BigEndian(Buffer);
            if (length != _length) { return false; }
            if (!isSealed) { return true; }
            Span<byte> nonce = stackalloc byte[PacketAead.NonceSize];
            BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], number);
            return _aead.TryOpen(PipelinePacket.KeyFor(_aead), nonce, Buffer.AsSpan(0, Header), Buffer.AsSpan(Header, _length - Header));
        }
    }
}
