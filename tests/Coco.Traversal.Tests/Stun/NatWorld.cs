using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Stun;

/// <summary>
/// A prober at 192.168.1.10 behind a NAT at 203.0.113.1, and STUN servers, in virtual time: every packet takes 10 ms from the host to a
/// server and as long back.
/// </summary>
internal sealed class NatWorld
{
    public static readonly NetworkAddress Host = Address("192.168.1.10:0");
    public static readonly NetworkAddress Outer = Address("203.0.113.1:0");
    public static readonly LocalSocket Main = new(1, IsIpv4: true, IsIpv6: false, 5000);
    public static readonly LocalSocket Second = new(2, IsIpv4: true, IsIpv6: false, 5001);

    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<NetworkAddress, StunServerAddresses> _servers = [];
    private readonly Dictionary<string, int> _mappings = []; // what the NAT tells apart → outer port
    private readonly Dictionary<int, int> _inner = []; // outer port → socket
    private readonly HashSet<string> _permitted = [];
    private readonly PriorityQueue<Action, TimeSpan> _packets = new();
    private readonly byte[] _buffer = new byte[2000];
    private int _nextPort = 41000;

    public NatProber Prober { get; } = new(new(), new SeededRandomSource(9));

    public NatMapping Mapping { get; set; } = NatMapping.EndpointIndependent;

    public NatFiltering Filtering { get; set; } = NatFiltering.AddressAndPortDependent;

    public bool HasHairpin { get; set; }

    public bool KeepsPorts { get; set; }

    public bool DropsAll { get; set; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public int Sent { get; private set; }

    public List<NatReport> Reports { get; } = [];

    public NatReport Last => Reports[^1];

    /// <summary>What a server says instead of the truth.</summary>
    public Dictionary<NetworkAddress, NetworkAddress> Lies { get; } = [];

    /// <summary>Whether the host stands on the internet itself.</summary>
    private NetworkAddress Inner => Mapping is NatMapping.None ? Outer : Host;

    public static NetworkAddress Address(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        return address;
    }

    /// <summary>A server with one address, or with two addresses of two ports each.</summary>
    public NetworkAddress AddServer(string address, string? other = null)
    {
        var one = Address(address);
        if (other is null)
        {
            _servers[one] = new(one);
            return one;
        }
        var two = Address(other);
        _servers[one] = new(one, two);
        _servers[two] = new(two, one);
        _servers[one.WithPort(two.Port)] = new(one.WithPort(two.Port), two.WithPort(one.Port));
        _servers[two.WithPort(one.Port)] = new(two.WithPort(one.Port), one.WithPort(two.Port));
        return one;
    }

    public void Remove(NetworkAddress server) => _servers.Remove(server);

    public void Start(params NetworkAddress[] observers)
    {
        Prober.SetObservers(observers, Now);
        ChangeNetwork();
        Run(TimeSpan.FromSeconds(10));
    }

    public void ChangeNetwork(string? address = null) =>
        Prober.HandleNetwork(new([Main], [new(address is null ? Inner : Address(address), 24, 2, "eth0", HasDefaultRoute: true)]), Now);

    /// <summary>The NAT forgets all it knows, as at a restart.</summary>
    public void Reboot()
    {
        _mappings.Clear();
        _inner.Clear();
        _permitted.Clear();
        _nextPort += 1000;
    }

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        while (true)
        {
            while (Prober.TryTakeTransmit(_buffer, Now, out var transmit)) { Send(transmit.Link, _buffer[..transmit.Length]); }
            while (Prober.TryTakeReport(out var report)) { Reports.Add(report!); }
            var hasPacket = _packets.TryPeek(out _, out var due);
            var next = Prober.Deadline is { } deadline && (!hasPacket || deadline < due) ? deadline : hasPacket ? due : end;
            if (next >= end) { break; }
            Now = next < Now ? Now : next;
            if (hasPacket && due <= Now) { _packets.Dequeue()(); }
            Prober.HandleTimeout(Now);
        }
        Now = end;
    }

    private void Send(Link link, byte[] data)
    {
        Sent++;
        if (DropsAll) { return; }
        var source = Map(link.Number, link.Remote);
        if (link.Remote.HasSameHost(Outer))
        {
            if (HasHairpin) { Deliver(source, link.Remote.Port, data, isFiltered: false); }
            return;
        }
        if (!_servers.TryGetValue(link.Remote, out var own)) { return; }
        var answer = new byte[StunServer.MaxAnswerLength];
        var seen = Lies.TryGetValue(link.Remote, out var lie) ? lie : source;
        if (!StunServer.TryAnswer(data, seen, own, answer, out var length, out var change)) { return; }
        Deliver(own.From(change), source.Port, answer[..length], isFiltered: true);
    }

    private NetworkAddress Map(int socket, NetworkAddress to)
    {
        var inner = socket == Main.Number ? Main.Port : Second.Port;
        var key = Mapping switch
        {
            NatMapping.AddressDependent => $"{socket} {to.HostText}",
            NatMapping.AddressAndPortDependent => $"{socket} {to}",
            _ => $"{socket}",
        };
        if (!_mappings.TryGetValue(key, out var port)) { _mappings[key] = port = Mapping is NatMapping.None || KeepsPorts ? inner : _nextPort++; }
        _inner[port] = socket;
        _permitted.Add(Permission(port, to));
        return Outer.WithPort(port);
    }

    private string Permission(int port, NetworkAddress from) => Filtering switch
    {
        NatFiltering.EndpointIndependent => $"{port}",
        NatFiltering.AddressDependent => $"{port} {from.HostText}",
        _ => $"{port} {from}",
    };

    private void Deliver(NetworkAddress from, int port, byte[] data, bool isFiltered) => _packets.Enqueue(
        () =>
        {
            if (!_inner.TryGetValue(port, out var socket) || (isFiltered && !_permitted.Contains(Permission(port, from)))) { return; }
            Prober.HandleDatagram(new(LinkKind.Udp, socket, from), data, Now);
        },
        Now + (2 * OneWay));
}
