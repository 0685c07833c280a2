using System.Collections.Concurrent;
using System.Net.Sockets;
using Coco.Cluster.Discovery;
using Coco.Crypto;
using Coco.Lab;
using Coco.Lab.Kernel;
using Coco.Transport.Discovery;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Discovery;

/// <summary>A member of a network in a namespace, with discovery and nothing else.</summary>
internal sealed class LabMember : IAsyncDisposable
{
    private readonly MulticastService _service;
    private readonly NamespaceNetwork _network;
    private readonly Adapter _adapter;

    public LabMember(NetNamespace space, byte key, int node)
        : this(space, new DiscoveryKey(Enumerable.Repeat(key, DiscoveryKey.Size).ToArray()), node)
    {
    }

    public LabMember(NetNamespace space, DiscoveryKey key, int node)
    {
        using var identity = IdentityKey.Generate(new SeededRandomSource((ulong)node));
        Id = identity.Id;
        _network = new(space);
        _adapter = new(new(key, Id, new SeededRandomSource((ulong)node + 1000), new(), TimeSpan.Zero));
        _service = new(_adapter, new()
        {
            CreateSocket = family => space.CreateSocket(family, SocketType.Dgram, ProtocolType.Udp),
            ReadInterfaces = _network.GetInterfaces,
        });
        _service.Start();
    }

    public NodeId Id { get; }

    public string Instance => _adapter.Instance;

    /// <summary>What was sent, payloads only.</summary>
    public IReadOnlyCollection<byte[]> Sent => _adapter.Sent;

    /// <summary>What was heard, payloads only; its own, too.</summary>
    public IReadOnlyCollection<byte[]> Heard => _adapter.Heard;

    /// <summary>The next thing learnt.</summary>
    public async Task<LanEvent> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _adapter.Events.Reader.ReadAsync(patience.Token);
    }

    public bool HasLearntNothing => _adapter.Events.Reader.Count == 0;

    /// <summary>As after a change of the network: another epoch begins.</summary>
    public void MoveOn() => _service.HandleNetworkChange();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _network.Dispose();
    }

    private sealed class Adapter(LanDiscovery discovery) : IMulticastCore
    {
        public System.Threading.Channels.Channel<LanEvent> Events { get; } = System.Threading.Channels.Channel.CreateUnbounded<LanEvent>();

        public ConcurrentQueue<byte[]> Sent { get; } = [];

        public ConcurrentQueue<byte[]> Heard { get; } = [];

        public string Instance { get; private set; } = "";

        public TimeSpan Deadline => discovery.Deadline;

        public void HandleNetwork(IReadOnlyList<InterfaceAddress> interfaces, TimeSpan now) =>
            discovery.HandleNetwork(interfaces, [.. interfaces.Select(one => one.Address.WithPort(4000))], now);

        public void HandleDatagram(int interfaceIndex, in NetworkAddress from, ReadOnlySpan<byte> datagram, TimeSpan now)
        {
            Heard.Enqueue(datagram.ToArray());
            discovery.HandleDatagram(interfaceIndex, from, datagram, now);
        }

        public void HandleTimeout(TimeSpan now) => discovery.HandleTimeout(now);

        public void Stop() => discovery.Stop();

        public bool TryTakeDatagram(out MulticastDatagram datagram)
        {
            datagram = default;
            if (!discovery.TryTakeDatagram(out var taken)) { return false; }
            Sent.Enqueue(taken.Payload.ToArray());
            datagram = new(taken.InterfaceIndex, taken.IsIpv6, taken.Payload);
            return true;
        }

        public void DrainEvents()
        {
            Instance = discovery.Instance;
            while (discovery.TryTakeEvent(out var happened)) { Events.Writer.TryWrite(happened!); }
        }
    }
}
