using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Benchmarks.Relays;

/// <summary>
/// The client of a TURN server, and the peer it sends to: as much as loads a server evenly (turnutils_uclient's load comes from many
/// timers, and would measure itself).
/// </summary>
internal static class TurnEnds
{
    private const int Payload = 1200, BatchPackets = 20;

    // RFC 8656 §12.4: channel(2) length(2) data, not padded over UDP.
    private const int ChannelHeader = 4;
    private const ushort Channel = 0x4000;

    // RFC 8489 §5, RFC 8656 §17 and §18
    private const ushort Allocate = 0x0003, ChannelBind = 0x0009, Success = 0x0100;
    private const ushort ChannelNumber = 0x000C, XorPeerAddress = 0x0012, RequestedTransport = 0x0019;
    private const uint MagicCookie = 0x2112A442;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>turn-rx ADDRESS PORT: counts what arrives until killed. A line on standard input asks for a line of figures.</summary>
    public static int Receive(string[] args)
    {
        using var channel = UdpChannel.Bind(IPEndPoint.Parse(args[0] + ":" + args[1]));
        var bytes = 0L;
        var receiving = new Thread(() =>
        {
            var buffer = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
            while (true)
            {
                channel.Wait(Patience, writable: false);
                while (channel.TryReceive(buffer, out var received)) { Interlocked.Add(ref bytes, received.Length); }
            }
        }) { IsBackground = true };
        receiving.Start();
        Console.WriteLine("listening");
        while (Console.In.ReadLine() is not null)
        {
            // All that is still on its way: what no longer grows within 100 ms has arrived.
            long seen;
            do
            {
                seen = Interlocked.Read(ref bytes);
                Thread.Sleep(100);
            }
            while (seen != Interlocked.Read(ref bytes));
            Console.WriteLine($"figures bytes={seen}");
        }
        return 0;
    }

    /// <summary>turn-tx SERVER PORT PEER PORT RATE SECONDS: sends to the peer through the server, at a rate in tenths of a Gb/s.</summary>
    public static int Send(string[] args)
    {
        var server = IPEndPoint.Parse(args[0] + ":" + args[1]).ToNetworkAddress();
        var peer = IPEndPoint.Parse(args[2] + ":" + args[3]);
        var batchesPerSecond = int.Parse(args[4], CultureInfo.InvariantCulture) * 1e8 / (BatchPackets * Payload * 8);
        var time = TimeSpan.FromSeconds(int.Parse(args[5], CultureInfo.InvariantCulture));
        using var channel = UdpChannel.Bind(new(IPAddress.Any, 0));
        Ask(channel, server, Allocate, [17, 0, 0, 0], RequestedTransport);
        Ask(channel, server, ChannelBind, [Channel >> 8, Channel & 0xFF, 0, 0], ChannelNumber, Encode(peer), XorPeerAddress);
        Console.WriteLine("bound");
        Console.In.ReadLine();

        var batch = new byte[BatchPackets * (ChannelHeader + Payload)];
        for (var at = 0; at < batch.Length; at += ChannelHeader + Payload)
        {
            BinaryPrimitives.WriteUInt16BigEndian(batch.AsSpan(at), Channel);
            BinaryPrimitives.WriteUInt16BigEndian(batch.AsSpan(at + 2), Payload);
        }
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0L; Stopwatch.GetElapsedTime(start) < time;)
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * batchesPerSecond); sent < due; sent++) { SendAll(channel, server, batch); }
            Thread.Sleep(1);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent wall={Stopwatch.GetElapsedTime(start).TotalSeconds:F4}"));
        return 0;
    }

    private static void SendAll(UdpChannel channel, in NetworkAddress server, ReadOnlySpan<byte> batch)
    {
        while (channel.Send(server, batch, ChannelHeader + Payload, Ecn.NotEct, out var sent) is SendResult.WouldBlock)
        {
            batch = batch[sent..];
            channel.Wait(Patience, writable: true);
        }
    }

    // RFC 8489 §14.2
    private static byte[] Encode(IPEndPoint endPoint)
    {
        var value = new byte[8];
        value[1] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(2), (ushort)(endPoint.Port ^ (MagicCookie >> 16)));
        endPoint.Address.TryWriteBytes(value.AsSpan(4), out _);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(4)) ^ MagicCookie);
        return value;
    }

    private static void Ask(UdpChannel channel, in NetworkAddress server, ushort type, byte[] first, ushort firstType, byte[]? second = null, ushort secondType = 0)
    {
        var request = new byte[20 + 4 + first.Length + (second is null ? 0 : 4 + second.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(request, type);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), (ushort)(request.Length - 20));
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(4), MagicCookie);
        request[19] = (byte)type; // the transaction's number
        Add(request.AsSpan(20), firstType, first);
        if (second is not null) { Add(request.AsSpan(24 + first.Length), secondType, second); }
        channel.Send(server, request, request.Length, Ecn.NotEct, out _);

        var buffer = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
        channel.Wait(Patience, writable: false);
        if (!channel.TryReceive(buffer, out var received) || received.Length < 20 || BinaryPrimitives.ReadUInt16BigEndian(buffer) != (type | Success))
        {
            throw new InvalidOperationException($"the server refuses request {type:x4}");
        }
    }

    private static void Add(Span<byte> at, ushort type, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(at, type);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)value.Length);
        value.CopyTo(at[4..]);
    }
}
