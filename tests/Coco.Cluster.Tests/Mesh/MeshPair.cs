using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>One real node, and peers that say whatever a test wants.</summary>
internal sealed class MeshPair : IMembers
{
    private readonly MeshDice _dice = new(5);
    private readonly NetworkId _network;

    public MeshPair(MeshOptions? options = null, bool isCore = false, ICertificateExchange? certificates = null)
    {
        _network = new(IdentityKey.Generate(_dice.Source).Id);
        Key = NewKey();
        if (isCore) { Homes.Add(Key.Id, SubClusterId.Core); }
        Node = new(Key.Id, new IdentitySeal(_network, Key), this, 1, _dice.Source, options, new(certificates, null), logger: Log);
    }

    public LogRecorder Log { get; } = new();

    public IdentityKey Key { get; }

    public MeshNode Node { get; }

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1);

    public static ScopeId Scope { get; } = ScopeId.Of(new("app"));

    public HashSet<NodeId> All { get; } = [];

    public Dictionary<NodeId, SubClusterId> Homes { get; } = [];

    public bool IsMember(NodeId node) => All.Contains(node);

    public SubClusterId SubClusterOf(NodeId node) => Homes.GetValueOrDefault(node, new("app"));

    public bool IsCore(NodeId node) => SubClusterOf(node).IsCore;

    public IdentityKey NewKey(bool member = true)
    {
        var key = IdentityKey.Generate(_dice.Source);
        if (member) { All.Add(key.Id); }
        return key;
    }

    /// <summary>A member that is connected and takes part in the scope.</summary>
    public IdentityKey NewPeer()
    {
        var key = NewKey();
        Connect(key);
        return key;
    }

    public void Connect(IdentityKey key)
    {
        Node.HandlePeerUp(key.Id, TimeSpan.FromMilliseconds(10), Now);
        var hello = new byte[64];
        var writer = new SpanWriter(hello);
        writer.WriteVarInt(1);
        writer.WriteByte(2);
        ScopeId.Core.Write(ref writer);
        ScopeId.Of(SubClusterOf(key.Id)).Write(ref writer);
        Say(key, MeshFrameType.Hello, writer.Written);
    }

    public void Say(IdentityKey from, MeshFrameType type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[body.Length + 16];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        Node.HandleMessage(from.Id, writer.Written, Now);
    }

    public Advertisement Advertise(IdentityKey key, ulong sequence, params NodeId[] links) => Advertisement.Sign(
        new IdentitySeal(_network, key), key.Id, Scope, sequence, AdvertisementFlags.Forwards, 3600,
        [.. links.Select(link => new AdvertisedLink(NodeTag.Of(link), 10, LinkFlags.None)).OrderBy(link => link.Neighbour)]);

    public void Give(IdentityKey from, ReadOnlySpan<byte> advertisement, ScopeId? scope = null)
    {
        var body = new byte[advertisement.Length + 100];
        var writer = new SpanWriter(body);
        (scope ?? Scope).Write(ref writer);
        writer.WriteVarInt(0);
        writer.WriteVarInt((ulong)advertisement.Length);
        writer.WriteBytes(advertisement);
        Say(from, MeshFrameType.Advertisements, writer.Written);
    }

    public bool Reaches(NodeId node) => Node.TryRoute(node, Now, out _);

    public bool Knows(NodeId node) => Node.Graph.SlotOf(node) is var slot && slot >= 0 && Node.Graph[slot].Entries is not null;

    public long Refused(MeshRefusal reason) => Node.Refusals.GetValueOrDefault(reason);

    public bool IsLetGo(IdentityKey peer)
    {
        var found = false;
        while (Node.TryTakeCommand(out var command)) { found |= command == new MeshCommand(MeshCommandKind.Disconnect, peer.Id); }
        return found && !Node.Peers.Contains(peer.Id);
    }
}
