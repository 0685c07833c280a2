using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Members;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Tests.Members;

/// <summary>A network of some core nodes and three sub-clusters, each node with an address of its own.</summary>
internal sealed class Town
{
    private Town(ulong seed) => World = new(seed);

    public MemberSimulation World { get; }

    public List<SimulatedNode> Core { get; } = [];

    /// <summary>By sub-cluster.</summary>
    public Dictionary<string, List<SimulatedNode>> Parts { get; } = new() { ["red"] = [], ["green"] = [], ["blue"] = [] };

    public SimulatedNode Owner => Core[0];

    /// <summary>Builds one, and runs it until everybody knows whom it is to know.</summary>
    public static Town Build(ulong seed, NetworkProfile profile, int core = 3, int members = 3, Action<Town>? watch = null)
    {
        var town = new Town(seed);
        watch?.Invoke(town);
        town.Core.Add(town.World.Create(new() { Name = "town", NodeName = "core0", App = new("chat"), IsGateway = true, Profile = profile }));
        town.World.RunFor(0.1);
        while (town.Core.Count < core) { town.Core.Add(town.World.Admit(town.Owner, $"core{town.Core.Count}", isDevice: true)); }
        foreach (var (name, part) in town.Parts)
        {
            while (part.Count < members) { part.Add(town.World.Admit(town.Owner, $"{name}{part.Count}", subCluster: new(name))); }
        }
        foreach (var node in town.World.Nodes) { town.Settle(node); }
        Assert.True(town.World.RunUntil(town.IsSettled, 30));
        return town;
    }

    /// <summary>Gives a node an address that follows from its number.</summary>
    public void Settle(SimulatedNode node, ulong sequence = 1)
    {
        node.Running.HandleAddressRecord(AddressRecord.Sign(node.Keys.Node, sequence, 2_000_000_000, [], [AddressOf(node)]), World.Now);
        World.Drain(node);
    }

    public static NetworkAddress AddressOf(SimulatedNode node) => NetworkAddress.FromIpv4(0xC633_6400u + (uint)node.Index, 40_000 + node.Index);

    public bool IsSettled() =>
        Parts.Values.All(part => AllReach([.. Core, .. part])) && Core.TrueForAll(node => Parts.Values.All(static part => part.Count > 0) && node.Verified.Count > 0);

    private static bool AllReach(SimulatedNode[] nodes) =>
        nodes.All(one => nodes.All(other => one == other || one.Running.Certificate.Admission.SubCluster.IsCore || MemberSimulation.IsReachable(one, other.Id)));

    /// <summary>Asks, and waits for the answer.</summary>
    public DirectoryOutcome LookUp(SimulatedNode asker, string name) => Await(asker, World.Act(asker, member => member.LookUp(name, World.Now)));

    public DirectoryOutcome LookUp(SimulatedNode asker, NodeId node) => Await(asker, World.Act(asker, member => member.LookUp(node, World.Now)));

    /// <summary>Whether a node knows anything at all of another.</summary>
    public static bool Knows(SimulatedNode one, NodeId other) =>
        one.Running.Members.Any(member => member.Id == other) || one.Running.AddressOf(other) is not null || one.Running.Mesh.Graph.SlotOf(other) >= 0
        || one.Disk.Keys.Any(key => key.Key.StartsWith(Hex(other), StringComparison.Ordinal));

    /// <summary>Whether bytes name a node: by its key, the beginning of it, its name, or its address.</summary>
    public static bool Mentions(ReadOnlySpan<byte> bytes, SimulatedNode node, string name)
    {
        Span<byte> id = stackalloc byte[NodeId.Size];
        node.Id.CopyTo(id);
        Span<byte> address = stackalloc byte[32];
        var length = AddressOf(node).WireLength;
        AddressOf(node).Write(address);
        return bytes.IndexOf(id[..8]) >= 0 || bytes.IndexOf(System.Text.Encoding.UTF8.GetBytes(name)) >= 0 || bytes.IndexOf(address[..length]) >= 0;
    }

    public static byte[] Frame(MeshFrameType type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[16 + body.Length];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        return frame[..writer.Position];
    }

    public static byte[] WithLength(ReadOnlySpan<byte> bytes)
    {
        var all = new byte[VarInt.MaxLength + bytes.Length];
        var writer = new SpanWriter(all);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        return all[..writer.Position];
    }

    /// <summary>What a member wants done now, by hand: frames of one type that it sends, and why it lets peers go.</summary>
    public static (List<(NodeId To, byte[] Body)> Frames, List<(NodeId Peer, MemberDisconnect Reason)> Dismissed) Take(SimulatedNode node, MeshFrameType type)
    {
        var (frames, dismissed) = (new List<(NodeId, byte[])>(), new List<(NodeId, MemberDisconnect)>());
        while (node.Running.TryTakeOutput(out var output))
        {
            if (output is MemberOutput.Disconnect disconnect) { dismissed.Add((disconnect.Peer, disconnect.Reason)); }
            if (output is MemberOutput.LookedUp lookedUp) { node.LookedUp[lookedUp.Number] = lookedUp.Outcome; }
            if (output is not MemberOutput.Send send) { continue; }
            var reader = new SpanReader(send.Frames.Span);
            while (reader.TryReadVarInt(out var sent) && reader.TryReadVarIntBytes(out var body))
            {
                if (sent == (ulong)type) { frames.Add((send.Peer, body.ToArray())); }
            }
        }
        return (frames, dismissed);
    }

    private DirectoryOutcome Await(SimulatedNode asker, ulong number)
    {
        Assert.True(World.RunUntil(() => asker.LookedUp.ContainsKey(number), 20));
        return asker.LookedUp[number];
    }

    private static string Hex(NodeId node)
    {
        var bytes = new byte[NodeId.Size];
        node.CopyTo(bytes);
        return Convert.ToHexString(bytes);
    }
}
