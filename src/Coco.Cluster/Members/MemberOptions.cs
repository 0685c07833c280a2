using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Time;

namespace Coco.Cluster.Members;

/// <summary>How a node takes part in its network, and what it keeps.</summary>
internal sealed record MemberOptions
{
    public MeshOptions Mesh { get; init; } = new();

    public MembershipOptions Membership { get; init; } = new();

    public SponsorOptions Sponsor { get; init; } = new();

    public BestTimeOptions Time { get; init; } = new();

    public DirectoryOptions Directory { get; init; } = new();

    /// <summary>How long a peer has to show that it belongs. From 0.5 s to 1 minute, default 5 s.</summary>
    public TimeSpan ProofTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(5);

    /// <summary>Connections at once that have not shown that they belong. From 4 to 4,096, default 64.</summary>
    public int MaxUnproven { get; init => field = Guard.InRange(value, 4, 4096); } = 64;

    /// <summary>Bytes a peer may send before it has shown that it belongs. From 32 KiB to 4 MiB, default 256 KiB.</summary>
    public int MaxUnprovenBytes { get; init => field = Guard.InRange(value, 32 << 10, 4 << 20); } = 256 << 10;

    /// <summary>Certificates kept; the least recently added make room. From 16 to 1,000,000, default 20,000.</summary>
    public int MaxMembers { get; init => field = Guard.InRange(value, 16, 1_000_000); } = 20_000;

    /// <summary>Nodes whose addresses are kept; those that served longest ago make room. From 16 to 1,000,000, default 4,096.</summary>
    public int MaxAddresses { get; init => field = Guard.InRange(value, 16, 1_000_000); } = 4096;

    /// <summary>Up to so many known members, each address record is told to everybody who may see its node; beyond, only to neighbours and whoever
    /// asks. From 0 to 1,024, default 16: beyond,
    /// records would be most of what nodes say to each other.</summary>
    public int FloodAddressesUpTo { get; init => field = Guard.InRange(value, 0, 1024); } = 16;

    /// <summary>Statements sent to one peer per second, in bytes; sixteen times as many at once. From 16 KiB to 64 MiB, default 256 KiB.</summary>
    public int StatementBytesPerSecond { get; init => field = Guard.InRange(value, 16 << 10, 64 << 20); } = 256 << 10;

    /// <summary>Bytes of a snapshot taken from a peer. From 64 KiB to 16 MiB, default 4 MiB.</summary>
    public int MaxPackage { get; init => field = Guard.InRange(value, 64 << 10, 16 << 20); } = 4 << 20;

    /// <summary>For how long of this node's uptime a snapshot of the owner's has to stand before the node forgets what it stands for. From 1 minute to 365 days, default 24 h: so
    /// long the owner has to notice that a key was stolen, before others forget what was so.</summary>
    public TimeSpan CompactAfter { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)); } = TimeSpan.FromHours(24);

    /// <summary>Frames that break the protocol for which a peer is let go, and not called for ten minutes. From 1 to 1,000, default 8.</summary>
    public int MaxStrikes { get; init => field = Guard.InRange(value, 1, 1000); } = 8;

    /// <summary>Sequence numbers of advertisements reserved by one write. From 16 to 1,000,000, default 1,024.</summary>
    public int SequenceBlock { get; init => field = Guard.InRange(value, 16, 1_000_000); } = 1024;

    /// <summary>How long before a write that failed is tried again. From 0.1 s to 10 minutes, default 1 s.</summary>
    public TimeSpan StoreRetry { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(1);
}
