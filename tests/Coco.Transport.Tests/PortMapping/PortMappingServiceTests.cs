using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Coco.Lab;
using Coco.Transport.PortMapping;
using Coco.Transport.Udp;
using Coco.Traversal.PortMapping;

namespace Coco.Transport.Tests.PortMapping;

/// <summary>The service with real sockets, and a small NAT-PMP router (RFC 6886) at the other end of a cable.</summary>
public sealed class PortMappingServiceTests
{
    [Fact]
    public async Task A_mapping_is_reported_and_removed_at_stop()
    {
        using var lab = Lab();
        using var router = new NatPmpRouter(lab);
        var reports = Channel.CreateUnbounded<IReadOnlyList<PortMappingInfo>>();
        await using var service = new PortMappingService(OptionsFor(lab)) { Changed = list => reports.Writer.TryWrite(list) };
        await service.StartAsync(6000, 0, TestContext.Current.CancellationToken);

        var mapping = Assert.Single(await NextAsync(reports));
        Assert.Equal(("203.0.113.1:6000", 6000, PortMappingProtocol.NatPmp, false), (mapping.External.ToString(), mapping.InternalPort, mapping.Protocol, mapping.IsSuspicious));
        Assert.Equal([mapping], service.Mappings);

        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0u, router.LastLifetime);
        Assert.Empty(service.Mappings);
        Assert.Empty(await NextAsync(reports));
    }

    [Fact]
    public async Task A_restart_that_the_router_announces_makes_us_ask_again()
    {
        using var lab = Lab();
        using var router = new NatPmpRouter(lab);
        var reports = Channel.CreateUnbounded<IReadOnlyList<PortMappingInfo>>();
        await using var service = new PortMappingService(OptionsFor(lab)) { Changed = list => reports.Writer.TryWrite(list) };
        await service.StartAsync(6000, 0, TestContext.Current.CancellationToken);
        await NextAsync(reports);
        var requests = router.MapRequests;

        router.Restart();
        do { await NextAsync(reports); } // another expiry; the first report may have been of an older one
        while (router.MapRequests == requests);
    }

    [Fact]
    public async Task Stop_is_over_in_time_when_the_router_is_gone()
    {
        using var lab = Lab();
        var reports = Channel.CreateUnbounded<IReadOnlyList<PortMappingInfo>>();
        await using var service = new PortMappingService(OptionsFor(lab, TimeSpan.FromMilliseconds(100))) { Changed = list => reports.Writer.TryWrite(list) };
        using (var router = new NatPmpRouter(lab))
        {
            await service.StartAsync(6000, 0, TestContext.Current.CancellationToken);
            await NextAsync(reports);
        }

        await service.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Empty(service.Mappings);
    }

    [Fact]
    public async Task Without_a_router_there_is_nothing_to_report_and_stop_is_quick()
    {
        await using var service = new PortMappingService(new() { ReadGateways = () => [] });
        await service.StartAsync(6000, 6001, TestContext.Current.CancellationToken);
        await service.StopAsync(TestContext.Current.CancellationToken);
        await service.StopAsync(TestContext.Current.CancellationToken);

        Assert.Empty(service.Mappings);
        await Assert.ThrowsAsync<InvalidOperationException>(() => service.StartAsync(1, 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_service_that_never_started_can_be_disposed_twice()
    {
        var service = new PortMappingService();
        await service.DisposeAsync();
        await service.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => service.StartAsync(1, 1, TestContext.Current.CancellationToken));
    }

    private static async Task<IReadOnlyList<PortMappingInfo>> NextAsync(Channel<IReadOnlyList<PortMappingInfo>> reports) =>
        await reports.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    private static PortMappingOptions OptionsFor(VethPair lab, TimeSpan? stopTimeout = null) => new()
    {
        Mapper = new() { Protocols = [PortMappingProtocol.NatPmp], StopTimeout = stopTimeout ?? TimeSpan.FromSeconds(2) },
        CreateSocket = lab.Left.CreateSocket,
        ReadGateways = () => [new(lab.RightAddress.ToNetworkAddress(), lab.LeftAddress.ToNetworkAddress(), 24)],
    };

    private static VethPair Lab()
    {
        if (LabSupport.Reason is { } reason)
        {
            Assert.False(LabSupport.MustRun, reason);
            Assert.Skip($"NOT TESTED: {reason}");
        }
        return new();
    }

    /// <summary>Answers on port 5351 and grants everything for as long as asked, from a thread that ends with the socket.</summary>
    private sealed class NatPmpRouter : IDisposable
    {
        private readonly Socket _socket;
        private readonly Task _serving;
        private uint _epoch = 1_000_000;
        private int _mapRequests;
        private uint _lastLifetime;

        public NatPmpRouter(VethPair lab)
        {
            _socket = lab.Right.CreateUdpSocket();
            _socket.Bind(new IPEndPoint(lab.RightAddress, 5351));
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, lab.RightAddress.GetAddressBytes());
            _serving = Task.Run(ServeAsync);
        }

        public int MapRequests => Volatile.Read(ref _mapRequests);

        public uint LastLifetime => Volatile.Read(ref _lastLifetime);

        /// <summary>RFC 6886 §3.2.1: the address and the new epoch, to everybody.</summary>
        public void Restart()
        {
            Volatile.Write(ref _epoch, 0);
            _socket.SendTo([0, 128, 0, 0, 0, 0, 0, 0, 203, 0, 113, 1], new IPEndPoint(IPAddress.Parse("224.0.0.1"), 5350));
        }

        public void Dispose()
        {
            _socket.Dispose();
            _serving.Wait(TimeSpan.FromSeconds(10));
        }

        private async Task ServeAsync()
        {
            var buffer = new byte[100];
            try
            {
                while (true)
                {
                    var request = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                    _socket.SendTo(Answer(buffer.AsSpan(0, request.ReceivedBytes).ToArray()), request.RemoteEndPoint);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Disposed.
            }
        }

        private byte[] Answer(byte[] request)
        {
            var epoch = Volatile.Read(ref _epoch);
            byte[] head = [0, (byte)(128 | request[1]), 0, 0, (byte)(epoch >> 24), (byte)(epoch >> 16), (byte)(epoch >> 8), (byte)epoch];
            if (request[1] == 0) { return [.. head, 203, 0, 113, 1]; }
            Interlocked.Increment(ref _mapRequests);
            Volatile.Write(ref _lastLifetime, (uint)((request[8] << 24) | (request[9] << 16) | (request[10] << 8) | request[11]));
            return [.. head, request[4], request[5], request[4], request[5], .. request[8..12]];
        }
    }
}
