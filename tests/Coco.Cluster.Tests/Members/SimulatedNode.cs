using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Cluster.Members;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Members;

/// <summary>A machine with one node: its disk outlives the node.</summary>
internal sealed class SimulatedNode(int index, MemberKeys keys)
{
    public int Index { get; } = index;

    public NodeId Id { get; } = keys.Node.Id;

    public MemberKeys Keys { get; } = keys;

    /// <summary>Null while the machine is off.</summary>
    public NetworkMember? Member { get; set; }

    public NetworkMember Running => Member ?? throw new InvalidOperationException($"Node {Index} is off.");

    public Dictionary<(MemberTable Table, string Key), MemberRow> Disk { get; } = [];

    public int Life { get; set; }

    public int Group { get; set; }

    public TimeSpan? TimerAt { get; set; }

    /// <summary>What its clock shows at the start of the simulation; 0 for one that has none.</summary>
    public ulong Clock { get; set; } = 1_800_000_000;

    public bool IsClockTrusted { get; set; } = true;

    public Dictionary<int, MemberLink> Links { get; } = [];

    public HashSet<int> Dialing { get; } = [];

    public HashSet<NodeId> Verified { get; } = [];

    /// <summary>What it tells its operator; null for nobody who listens.</summary>
    public LogRecorder? Log { get; set; }

    public List<MemberEvent> Events { get; } = [];

    public List<(NodeId Peer, MemberDisconnect Reason)> Dismissed { get; } = [];

    public Queue<Ticket> Tickets { get; } = new();

    public Queue<MemberOutput.JoinSend> JoinSends { get; } = new();

    public Dictionary<ulong, DirectoryOutcome> LookedUp { get; } = [];

    public int StoreFailures { get; set; }

    /// <summary>After so many more the disk takes no more writes, and answers none.</summary>
    public int WritesLeft { get; set; } = int.MaxValue;

    public int StoredWrites { get; set; }

    public long SentBytes { get; set; }
}
