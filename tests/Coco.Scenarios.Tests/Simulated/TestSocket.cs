using Coco.Lab.Simulated;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A UDP socket of a simulated host, with what has arrived there.</summary>
internal sealed class TestSocket
{
    private readonly SimulatedHost _host;

    public TestSocket(SimulatedHost host, int port = 0, bool isIpv4 = true)
    {
        (_host, Local) = (host, host.OpenUdp(port, isIpv4));
        host.Received += (link, datagram, _) =>
        {
            if (link.Number != Local.Number) { return; }
            Arrived.Add((link.Remote, datagram));
            Handler?.Invoke(link.Remote, datagram);
        };
    }

    public LocalSocket Local { get; }

    public List<(NetworkAddress From, byte[] Data)> Arrived { get; } = [];

    public Action<NetworkAddress, byte[]>? Handler { get; set; }

    public bool Send(NetworkAddress to, int length = 1, byte hopLimit = 0) => _host.Send(Local.Number, to, new byte[length], hopLimit);

    public bool Send(NetworkAddress to, ReadOnlySpan<byte> data) => _host.Send(Local.Number, to, data);

    /// <summary>Where the other socket sees this one, after sending it a datagram.</summary>
    public NetworkAddress SeenBy(TestSocket other)
    {
        var before = other.Arrived.Count;
        Send(other._host.Address.WithPort(other.Local.Port));
        _host.Internet.RunFor(TimeSpan.FromMilliseconds(200));
        Assert.True(other.Arrived.Count > before, "the datagram did not arrive");
        return other.Arrived[^1].From;
    }

    /// <summary>Whether a datagram of this socket arrives at another.</summary>
    public bool Reaches(TestSocket other, NetworkAddress at, int length = 1, byte hopLimit = 0)
    {
        var before = other.Arrived.Count;
        Send(at, length, hopLimit);
        _host.Internet.RunFor(TimeSpan.FromMilliseconds(200));
        return other.Arrived.Count > before;
    }
}
