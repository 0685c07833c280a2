using System.Diagnostics;
using System.Net;
using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Transport.Tests;

public sealed class UdpChannelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly byte[] _buffer = new byte[UdpChannel.ReceiveBufferSize];

    public static TheoryData<string, string> EveryWay => new(
        from offload in Enum.GetNames<UdpOffload>()
        from address in new[] { "127.0.0.1", "::1" }
        select (offload, address));

    [Theory, MemberData(nameof(EveryWay))]
    public void A_batch_arrives_as_the_packets_it_was_made_of(string offload, string address)
    {
        using var sender = Bind(offload, address);
        using var receiver = Bind(offload, address);
        var data = Packets(count: 150, size: 1200, lastSize: 77);

        Assert.Equal(SendResult.Ok, sender.Send(receiver.LocalEndPoint.ToNetworkAddress(), data, 1200, Ecn.NotEct, out var sent));
        var packets = Receive(receiver, 150, sender.LocalEndPoint.ToNetworkAddress());

        Assert.Equal(data.Length, sent);
        Assert.All(packets[..149], packet => Assert.Equal(1200, packet.Length));
        Assert.Equal(data, packets.SelectMany(packet => packet));
    }

    [Fact]
    public void Linux_moves_a_batch_of_packets_in_one_receive()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "segmentation offload is Linux's");
        using var sender = Bind(nameof(UdpOffload.Auto), "127.0.0.1");
        using var receiver = Bind(nameof(UdpOffload.Auto), "127.0.0.1");

        sender.Send(receiver.LocalEndPoint.ToNetworkAddress(), Packets(40, 1400, 1400), 1400, Ecn.NotEct, out _);
        Assert.True(receiver.Wait(Patience, writable: false));
        Assert.True(receiver.TryReceive(_buffer, out var received));

        Assert.True(sender.Segments);
        Assert.Equal((40 * 1400, 1400), (received.Length, received.SegmentSize));
    }

    [Theory, MemberData(nameof(Marks))]
    public void Ecn_marks_arrive_as_sent(string offload, string address, byte mark)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ECN needs Linux's calls");
        using var sender = Bind(offload, address);
        using var receiver = Bind(offload, address);
        Assert.True(sender.CarriesEcn);

        sender.Send(receiver.LocalEndPoint.ToNetworkAddress(), new byte[3000], 1000, (Ecn)mark, out _);
        Assert.True(receiver.Wait(Patience, writable: false));
        Assert.True(receiver.TryReceive(_buffer, out var received));

        Assert.Equal((Ecn)mark, received.Ecn);
    }

    public static TheoryData<string, string, byte> Marks => new(
        from offload in new[] { nameof(UdpOffload.Auto), nameof(UdpOffload.Off) }
        from address in new[] { "127.0.0.1", "::1" }
        from mark in new byte[] { 0, 1, 2, 3 }
        select (offload, address, mark));

    [Theory, InlineData(nameof(UdpOffload.Auto)), InlineData(nameof(UdpOffload.Portable))]
    public void A_dual_stack_socket_hears_ipv4_under_the_address_an_ipv4_socket_knows(string offload)
    {
        using var sender = Bind(offload, "127.0.0.1");
        using var receiver = Bind(offload, "::");
        var there = IPAddress.Loopback.ToNetworkAddress(receiver.LocalEndPoint.Port);

        sender.Send(there, new byte[100], 100, Ecn.Ect0, out _);
        Receive(receiver, 1, sender.LocalEndPoint.ToNetworkAddress());
        receiver.Send(sender.LocalEndPoint.ToNetworkAddress(), new byte[200], 100, Ecn.Ect0, out _);

        Receive(sender, 2, there);
    }

    [Theory, MemberData(nameof(EveryOffload))]
    public void A_packet_over_the_mtu_is_too_big_and_the_socket_lives_on(string offload)
    {
        using var sender = Bind(offload, "127.0.0.1");
        using var receiver = Bind(offload, "127.0.0.1");
        var there = receiver.LocalEndPoint.ToNetworkAddress();

        Assert.Equal(SendResult.TooBig, sender.Send(there, new byte[65_508], 65_508, Ecn.NotEct, out var sent));
        Assert.Equal(0, sent);
        Assert.Equal(SendResult.Ok, sender.Send(there, new byte[10], 10, Ecn.NotEct, out _));

        Receive(receiver, 1, sender.LocalEndPoint.ToNetworkAddress());
    }

    public static TheoryData<string> EveryOffload => new(Enum.GetNames<UdpOffload>());

    [Theory, MemberData(nameof(EveryOffload))]
    public void Sending_to_a_closed_port_disturbs_neither_sends_nor_receives(string offload)
    {
        using var sender = Bind(offload, "127.0.0.1");
        using var receiver = Bind(offload, "127.0.0.1");
        using var closed = Bind(offload, "127.0.0.1");
        closed.Dispose();

        sender.Send(closed.LocalEndPoint.ToNetworkAddress(), new byte[10], 10, Ecn.NotEct, out _);
        receiver.Send(sender.LocalEndPoint.ToNetworkAddress(), new byte[10], 10, Ecn.NotEct, out _);
        Receive(sender, 1, receiver.LocalEndPoint.ToNetworkAddress());

        Assert.Equal(SendResult.Ok, sender.Send(receiver.LocalEndPoint.ToNetworkAddress(), new byte[10], 10, Ecn.NotEct, out _));
    }

    [Theory, MemberData(nameof(EveryOffload))]
    public void An_address_of_the_other_family_is_an_error_not_an_exception(string offload)
    {
        using var sender = Bind(offload, "127.0.0.1");

        Assert.Equal(SendResult.Error, sender.Send(IPAddress.IPv6Loopback.ToNetworkAddress(9), new byte[10], 10, Ecn.NotEct, out _));
    }

    [Theory, MemberData(nameof(EveryOffload))]
    public void Waiting_ends_when_another_thread_wakes_and_only_once(string offload)
    {
        using var channel = Bind(offload, "127.0.0.1");
        Assert.False(channel.Wait(TimeSpan.Zero, writable: false));
        Assert.True(channel.Wait(TimeSpan.Zero, writable: true));

        new Thread(channel.Wake).Start();
        Assert.True(channel.Wait(Patience, writable: false));

        Assert.False(channel.Wait(TimeSpan.FromMilliseconds(1), writable: false));
        channel.Dispose();
        channel.Wake();
    }

    [Theory, MemberData(nameof(EveryWay))]
    public void Nothing_is_allocated_per_packet(string offload, string address)
    {
        using var sender = Bind(offload, address);
        using var receiver = Bind(offload, address);
        var there = receiver.LocalEndPoint.ToNetworkAddress();
        var data = new byte[4 * 1200];
        Bounce(20); // warms up

        var allocated = long.MaxValue;
        for (var round = 0; round < 5 && allocated > 0; round++) // the runtime itself may need some when it compiles anew
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Bounce(200);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);

        void Bounce(int times)
        {
            for (var i = 0; i < times; i++)
            {
                sender.Send(there, data, 1200, Ecn.Ect0, (byte)(i & 1), out _);
                while (receiver.TryReceive(_buffer, out _)) { }
            }
        }
    }

    [Theory, MemberData(nameof(EveryWay))]
    public void A_hop_limit_holds_for_its_packets_and_no_others(string offload, string address)
    {
        using var sender = Bind(offload, address);
        using var receiver = new HopLimitReceiver(IPAddress.Parse(address));

        sender.Send(receiver.Address, new byte[10], 10, Ecn.NotEct, hopLimit: 3, out _);
        sender.Send(receiver.Address, new byte[10], 10, Ecn.NotEct, out _);

        Assert.Equal((3, 64), (receiver.Receive(), receiver.Receive()));
    }

    [Theory, InlineData(nameof(UdpOffload.Auto)), InlineData(nameof(UdpOffload.Portable))]
    public void A_dual_stack_socket_limits_the_hops_of_ipv4(string offload)
    {
        using var sender = Bind(offload, "::");
        using var receiver = new HopLimitReceiver(IPAddress.Loopback);

        sender.Send(receiver.Address, new byte[10], 10, Ecn.NotEct, hopLimit: 3, out _);
        sender.Send(receiver.Address, new byte[10], 10, Ecn.NotEct, out _);

        Assert.Equal((3, 64), (receiver.Receive(), receiver.Receive()));
    }

    private static UdpChannel Bind(string offload, string address) =>
        UdpChannel.Bind(new(IPAddress.Parse(address), 0), new() { Offload = Enum.Parse<UdpOffload>(offload) });

    private static byte[] Packets(int count, int size, int lastSize)
    {
        var data = new byte[(count - 1) * size + lastSize];
        new Random(1).NextBytes(data);
        return data;
    }

    private List<byte[]> Receive(UdpChannel channel, int count, NetworkAddress from)
    {
        var packets = new List<byte[]>();
        var started = Stopwatch.GetTimestamp();
        while (packets.Count < count)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{packets.Count} of {count} packets arrived");
            channel.Wait(TimeSpan.FromMilliseconds(100), writable: false);
            while (channel.TryReceive(_buffer, out var received))
            {
                Assert.Equal(from, received.Remote);
                packets.AddRange(_buffer.AsSpan(0, received.Length).ToArray().Chunk(received.SegmentSize));
            }
        }

        return packets;
    }
}
