using System.Net;
using Coco.Transport.Udp;

namespace Coco.Transport.Tests;

public sealed class UdpPollerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly byte[] Packet = new byte[10];

    private readonly List<UdpChannel> _channels = [];
    private readonly byte[] _buffer = new byte[UdpChannel.ReceiveBufferSize];

    public static TheoryData<string> EveryKind => [nameof(UdpOffload.Auto), nameof(UdpOffload.Portable)];

    [Theory, MemberData(nameof(EveryKind))]
    public void Of_300_sockets_those_with_datagrams_are_ready(string kind)
    {
        using var poller = Poller(kind, 300);
        Assert.False(poller.Wait(TimeSpan.Zero));
        Assert.True(poller.Ready.IsEmpty);

        Send(to: 7);
        Send(to: 271);
        var ready = new HashSet<UdpChannel>();
        while (ready.Count < 2)
        {
            Assert.True(poller.Wait(Patience));
            foreach (var channel in poller.Ready) { ready.Add(channel); }
        }

        Assert.Equal([_channels[7], _channels[271]], ready.OrderBy(_channels.IndexOf));
    }

    [Theory, MemberData(nameof(EveryKind))]
    public void A_removed_socket_is_watched_no_more(string kind)
    {
        using var poller = Poller(kind, 3);
        Send(to: 1);
        Assert.True(poller.Wait(Patience));

        poller.Remove(_channels[1]);
        Assert.False(poller.Wait(TimeSpan.Zero));

        Send(to: 2);
        Assert.True(poller.Wait(Patience));
        Assert.Equal(_channels[2], poller.Ready[0]);
    }

    [Theory, MemberData(nameof(EveryKind))]
    public void Room_to_send_is_watched_for_only_when_asked(string kind)
    {
        using var poller = Poller(kind, 2);

        poller.WatchRoom(_channels[1], watch: true);
        Assert.True(poller.Wait(Patience));
        Assert.Equal(_channels[1], Assert.Single(poller.Ready.ToArray()));

        poller.WatchRoom(_channels[1], watch: false);
        Assert.False(poller.Wait(TimeSpan.Zero));
    }

    [Theory, MemberData(nameof(EveryKind))]
    public void Waiting_ends_when_another_thread_wakes_and_only_once(string kind)
    {
        using var poller = Poller(kind, 1);

        new Thread(poller.Wake).Start();
        Assert.True(poller.Wait(Patience));

        Assert.True(poller.Ready.IsEmpty);
        Assert.False(poller.Wait(TimeSpan.FromMilliseconds(1)));
        poller.Dispose();
        poller.Wake();
    }

    [Theory, MemberData(nameof(EveryKind))]
    public void Waiting_ends_at_the_time_that_another_thread_has_set_at_the_latest(string kind)
    {
        using var poller = Poller(kind, 1);

        new Thread(() => poller.WakeAfter(TimeSpan.FromMilliseconds(5))).Start();
        Assert.True(poller.Wait(Patience));

        Assert.True(poller.Ready.IsEmpty);
        Assert.False(poller.Wait(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void A_time_that_is_set_again_is_the_only_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere a time wakes at once");
        using var poller = Poller(nameof(UdpOffload.Auto), 1);
        poller.WakeAfter(TimeSpan.Zero);
        poller.WakeAfter(TimeSpan.FromMinutes(1));
        Assert.False(poller.Wait(TimeSpan.FromMilliseconds(1)));

        poller.WakeAfter(TimeSpan.Zero);
        Assert.True(poller.Wait(Patience));
    }

    [Fact]
    public void Waiting_on_linux_allocates_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "select of .NET allocates");
        using var poller = Poller(nameof(UdpOffload.Auto), 2);
        var there = _channels[1].LocalEndPoint.ToNetworkAddress();
        Bounce(20);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Bounce(200);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Bounce(int times)
        {
            for (var i = 0; i < times; i++)
            {
                _channels[0].Send(there, Packet, 10, Ecn.NotEct, out _);
                poller.Wait(Patience);
                while (poller.Ready[0].TryReceive(_buffer, out _)) { }
            }
        }
    }

    public void Dispose() => _channels.ForEach(channel => channel.Dispose());

    private UdpPoller Poller(string kind, int channels)
    {
        var offload = Enum.Parse<UdpOffload>(kind);
        var poller = UdpPoller.Create(offload);
        for (var i = 0; i < channels; i++)
        {
            _channels.Add(UdpChannel.Bind(new(IPAddress.Loopback, 0), new() { Offload = offload, SocketBufferSize = 64 * 1024 }));
            poller.Add(_channels[i]);
        }
        return poller;
    }

    private void Send(int to) =>
        Assert.Equal(SendResult.Ok, _channels[0].Send(_channels[to].LocalEndPoint.ToNetworkAddress(), Packet, 10, Ecn.NotEct, out _));
}
