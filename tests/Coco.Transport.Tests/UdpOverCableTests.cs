using System.Net;
using Coco.Lab;
using Coco.Transport.Udp;

namespace Coco.Transport.Tests;

/// <summary>What loopback, with its 64 KiB packets, cannot show: a cable with an MTU of 1500 between two namespaces.</summary>
public sealed class UdpOverCableTests
{
    private const int LargestPayload = 1500 - 20 - 8;

    private readonly byte[] _buffer = new byte[UdpChannel.ReceiveBufferSize];

    [Theory, InlineData(VethMode.Offloaded), InlineData(VethMode.Segmented), InlineData(VethMode.Plain)]
    public void A_batch_crosses_the_cable_whole(VethMode mode)
    {
        using var lab = Lab(mode);
        using var sender = Open(lab.Left, lab.LeftAddress);
        using var receiver = Open(lab.Right, lab.RightAddress);

        Assert.Equal(SendResult.Ok, sender.Send(receiver.LocalEndPoint.ToNetworkAddress(), new byte[40 * LargestPayload], LargestPayload, Ecn.Ect0, out _));

        var bytes = 0;
        while (bytes < 40 * LargestPayload)
        {
            Assert.True(receiver.Wait(TimeSpan.FromSeconds(5), writable: false), $"{bytes} bytes arrived");
            while (receiver.TryReceive(_buffer, out var received))
            {
                Assert.Equal((LargestPayload, Ecn.Ect0), (received.SegmentSize, received.Ecn));
                bytes += received.Length;
            }
        }
    }

    [Theory, InlineData(1), InlineData(10)]
    public void Packets_over_the_mtu_are_too_big_alone_and_in_a_batch(int packets)
    {
        using var lab = Lab(VethMode.Offloaded);
        using var sender = Open(lab.Left, lab.LeftAddress);
        var there = lab.RightAddress.ToNetworkAddress(9);
        var before = sender.Segments;

        var result = sender.Send(there, new byte[packets * (LargestPayload + 1)], LargestPayload + 1, Ecn.NotEct, out var sent);

        Assert.Equal((SendResult.TooBig, 0), (result, sent));
        Assert.Equal(before, sender.Segments);
    }

    [Fact]
    public void An_address_without_a_route_is_an_error_and_the_socket_lives_on()
    {
        using var lab = Lab(VethMode.Offloaded);
        using var sender = Open(lab.Left, lab.LeftAddress);

        Assert.Equal(SendResult.Error, sender.Send(IPEndPoint.Parse("203.0.113.1:9").ToNetworkAddress(), new byte[10], 10, Ecn.NotEct, out _));
        Assert.Equal(SendResult.Ok, sender.Send(lab.RightAddress.ToNetworkAddress(9), new byte[10], 10, Ecn.NotEct, out _));
    }

    [Fact]
    public void Making_sockets_in_namespaces_leaves_no_thread_of_ours_inside()
    {
        using var lab = Lab(VethMode.Offloaded);
        using var channel = Open(lab.Left, lab.LeftAddress);
        lab.Right.Run("true");

        var own = NamespaceOf("self");
        Assert.All(Directory.GetDirectories("/proc/self/task"), task => Assert.Equal(own, NamespaceOf("self/task/" + Path.GetFileName(task))));
        Assert.NotEqual(own, new FileInfo(lab.Left.HandlePath).LinkTarget);
    }

    // A thread that ends meanwhile has no namespace any more.
    private static string NamespaceOf(string process) =>
        new FileInfo($"/proc/{process}/ns/net").LinkTarget is { } link ? link : new FileInfo("/proc/self/ns/net").LinkTarget!;

    private static VethPair Lab(VethMode mode)
    {
        var reason = LabSupport.ReasonWithout("ip", "ethtool", "nsenter");
        Assert.False(reason is not null && LabSupport.MustRun, reason);
        Assert.SkipWhen(reason is not null, reason ?? "");
        return new(mode);
    }

    private static UdpChannel Open(NetNamespace space, IPAddress address)
    {
        var socket = space.CreateUdpSocket();
        socket.Bind(new IPEndPoint(address, 0));
        return UdpChannel.Open(socket);
    }
}
