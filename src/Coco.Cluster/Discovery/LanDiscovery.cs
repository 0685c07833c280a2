using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Cluster.Discovery;

/// <summary>
/// Finds the members of a network on the LANs of this machine by DNS-SD over multicast DNS (RFC 6763, RFC 6762), and lets them find
/// this node. All others see that some Coco is here, under a name that changes and that they can tie to nothing.
/// </summary>
internal sealed partial class LanDiscovery
{
    private static readonly DnsName Service = DnsName.Of("_coco", "_udp", "local");
    private static readonly DnsName Services = DnsName.Of("_services", "_dns-sd", "_udp", "local"); // RFC 6763 §9

    private readonly DiscoveryKey _key;
    private readonly NodeId _self;
    private readonly RandomSource _random;
    private readonly LanDiscoveryOptions _options;
    private readonly Dictionary<int, LanLink> _links = [];
    private readonly Dictionary<NodeId, LanPeer> _peers = [];
    private readonly Queue<LanDatagram> _datagrams = [];
    private readonly Queue<LanEvent> _events = [];
    private readonly byte[] _nonce = new byte[DiscoveryKey.NonceSize];
    private IReadOnlyList<InterfaceAddress> _interfaces = [];
    private IReadOnlyList<NetworkAddress> _addresses = [];
    private string _instance = "";
    private TimeSpan _rotateAt;
    private bool _isStopped;

    public LanDiscovery(DiscoveryKey key, NodeId self, RandomSource random, LanDiscoveryOptions options, TimeSpan now)
    {
        (_key, _self, _random, _options) = (key, self, random, options);
        Rotate(now);
    }

    public IReadOnlyCollection<LanPeer> Peers => _peers.Values;

    /// <summary>The name under which this node is to be seen now.</summary>
    public string Instance => _instance;

    public TimeSpan Deadline => _isStopped
        ? TimeSpan.MaxValue
        : _links.Values.Select(link => Min(link.QueryAt, link.ResponseAt)).Concat(_peers.Values.Select(peer => peer.ExpiresAt)).Append(_rotateAt).Min();

    /// <summary>The interfaces of the machine and the addresses this node listens at, at the start and after each change.</summary>
    public void HandleNetwork(IReadOnlyList<InterfaceAddress> interfaces, IReadOnlyList<NetworkAddress> addresses, TimeSpan now)
    {
        (_interfaces, _addresses) = (interfaces, [.. addresses.Where(address => address.IsSendable).Take(LanPresence.MaxAddresses)]);
        var indices = interfaces.Where(one => !one.Address.IsLoopback).Select(one => one.InterfaceIndex).Distinct().Take(_options.MaxLinks).ToHashSet();
        foreach (var index in _links.Keys.Where(index => !indices.Contains(index)).ToArray()) { _links.Remove(index); }
        foreach (var index in indices)
        {
            if (!_links.TryGetValue(index, out var link)) { _links[index] = link = new(index, _options.Burst); }
            var own = interfaces.Where(one => one.InterfaceIndex == index).ToArray();
            (link.HasIpv4, link.HasIpv6) = (own.Any(one => one.Address.IsIpv4), own.Any(one => !one.Address.IsIpv4));
            link.QueryAt = now + Jitter();
            link.QueryInterval = TimeSpan.FromSeconds(1);
        }
        // In another place, under another name.
        Rotate(now);
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (_isStopped) { return; }
        if (now >= _rotateAt) { Rotate(now); }
        foreach (var link in _links.Values)
        {
            if (now >= link.QueryAt) { Query(link, now); }
            if (now >= link.ResponseAt) { Respond(link, now); }
        }
        foreach (var (node, peer) in _peers.Where(pair => now >= pair.Value.ExpiresAt).ToArray())
        {
            _peers.Remove(node);
            _events.Enqueue(new LanEvent.Gone(peer.Presence.Node));
        }
    }

    /// <summary>Says goodbye (RFC 6762 §10.1) and nothing more.</summary>
    public void Stop()
    {
        if (_isStopped) { return; }
        _isStopped = true;
        foreach (var link in _links.Values) { Send(link, new(IsResponse: true, [], OwnRecords(ttl: 0))); }
    }

    public bool TryTakeDatagram(out LanDatagram datagram) => _datagrams.TryDequeue(out datagram);

    public bool TryTakeEvent(out LanEvent? happened) => _events.TryDequeue(out happened);

    // The old name is left to expire: a goodbye beside a greeting would tie one to the other.
    private void Rotate(TimeSpan now)
    {
        _random.Fill(_nonce);
        _instance = _key.Blind(_nonce);
        _rotateAt = now + _options.Epoch;
        foreach (var link in _links.Values)
        {
            link.Announcements = 2; // RFC 6762 §8.3: at least two, a second apart
            link.ResponseAt = now + Jitter();
        }
    }

    private void Query(LanLink link, TimeSpan now)
    {
        // RFC 6762 §7.1: who sees its answer here, good for more than half of its time, need not give it again.
        var known = _peers.Values
            .Where(peer => peer.InterfaceIndex == link.Index && peer.ExpiresAt - now > _options.TimeToLive / 2)
            .OrderByDescending(peer => peer.HeardAt)
            .Take(MaxKnownAnswers)
            .Select(peer => (peer.Instance, Ttl: peer.ExpiresAt - now))
            .Append((Instance: _instance, Ttl: _options.TimeToLive)) // our own, or we would answer ourselves when multicast comes back
            .Select(one => new DnsRecord(Service, DnsType.Ptr, IsUnique: false, (uint)one.Ttl.TotalSeconds, default, InstanceName(one.Instance)));
        Send(link, new(IsResponse: false, [new(Service, DnsType.Ptr)], [.. known]));
        link.QueryAt = now + link.QueryInterval;
        link.QueryInterval = Min(2 * link.QueryInterval, _options.LongestQueryInterval);
    }

    private void Respond(LanLink link, TimeSpan now)
    {
        List<DnsRecord> records = [.. OwnRecords((uint)_options.TimeToLive.TotalSeconds)];
        if (link.AnswersServices) { records.Add(new(Services, DnsType.Ptr, IsUnique: false, (uint)_options.TimeToLive.TotalSeconds, default, Service)); }
        Send(link, new(IsResponse: true, [], records));
        link.LastResponse = now;
        link.AnswersServices = false;
        link.Announcements = Math.Max(0, link.Announcements - 1);
        link.ResponseAt = link.Announcements > 0 ? now + TimeSpan.FromSeconds(1) : TimeSpan.MaxValue;
    }

    // The port of the SRV record is 9, "discard": the real one is in what is sealed, and would tie two names to each other.
    private DnsRecord[] OwnRecords(uint ttl)
    {
        var name = InstanceName(_instance);
        var text = new LanPresence(_self, _addresses).EncodeText(_key, _nonce);
        return
        [
            new(Service, DnsType.Ptr, IsUnique: false, ttl, default, name),
            new(name, DnsType.Srv, IsUnique: true, ttl, new byte[] { 0, 0, 0, 0, 0, 9 }, DnsName.Of(_instance, "local")),
            new(name, DnsType.Txt, IsUnique: true, ttl, text),
        ];
    }

    private void Send(LanLink link, DnsMessage message)
    {
        var payload = message.Encode();
        if (link.HasIpv4) { _datagrams.Enqueue(new(link.Index, IsIpv6: false, payload)); }
        if (link.HasIpv6) { _datagrams.Enqueue(new(link.Index, IsIpv6: true, payload)); }
    }

    // RFC 6762 §6: 20 to 120 ms, so that not all speak at once.
    private TimeSpan Jitter()
    {
        Span<byte> bytes = stackalloc byte[2];
        _random.Fill(bytes);
        return TimeSpan.FromMilliseconds(20 + (BinaryPrimitives.ReadUInt16BigEndian(bytes) % 101));
    }

    private static DnsName InstanceName(string instance) => DnsName.Of(instance, "_coco", "_udp", "local");

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
