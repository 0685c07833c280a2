using Coco.Cluster.Graph;

namespace Coco.Cluster.Mesh;

/// <summary>How a node takes part in the mesh.</summary>
internal sealed record MeshOptions
{
    /// <summary>As becomes a node of a class: a portable one, which pays for each link with its battery, keeps none but those that the rings ask
    /// for, and lets go of others after 5 s, longer than a change takes to be known to all.</summary>
    public static MeshOptions For(NodeClass nodeClass) => nodeClass is not NodeClass.Portable
        ? new() { Class = nodeClass }
        : new() { Class = nodeClass, Graph = new() { NearLinks = 0 }, LinkGrace = TimeSpan.FromSeconds(5), MaxLinks = 8 };

    /// <summary>What is kept of the graph.</summary>
    public GraphOptions Graph { get; init; } = new();

    /// <summary>What the node can be asked to do. Default stationary.</summary>
    public NodeClass Class { get; init; } = NodeClass.Stationary;

    /// <summary>Whether it passes datagrams on for others; null for what its class does: all but portable ones do.</summary>
    public bool? Forwards { get; init; }

    /// <summary>A change of links is advertised once links were quiet for so long. From 0 to 10 s, default 300 ms: a node that joins makes
    /// all its links within that.</summary>
    public TimeSpan PublishDelay { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromSeconds(10)); } = TimeSpan.FromMilliseconds(300);

    /// <summary>Least time between two advertisements in one scope; twice that while changes go on. From 0.5 to 60 s, default 1 s.</summary>
    public TimeSpan PublishInterval { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(1);

    /// <summary>After so long without change a node repeats itself. From 30 minutes to 1 week, default 12 hours; nobody forgets a node within
    /// reach, so this only mends what should not have broken.</summary>
    public TimeSpan RefreshInterval { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(30), TimeSpan.FromDays(7)); } = TimeSpan.FromHours(12);

    /// <summary>How long others remember the node while they cannot reach it. From 1 minute to 1 week, default 2 hours.</summary>
    public TimeSpan Lifetime { get; init => field = Guard.InRange(value, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)); } = TimeSpan.FromHours(2);

    /// <summary>How long news wait for others that a neighbour may have told already. From 0 to 1 s, default 60 ms.</summary>
    public TimeSpan NewsDelay { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromSeconds(1)); } = TimeSpan.FromMilliseconds(60);

    /// <summary>How long changes are gathered before routes and links are thought over. From 0 to 5 s, default 250 ms.</summary>
    public TimeSpan ThinkDelay { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromSeconds(5)); } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a link is kept that neither end wants. From 1 s to 10 minutes, default 15 s.</summary>
    public TimeSpan LinkGrace { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)); } = TimeSpan.FromSeconds(15);

    /// <summary>Links beyond which unwanted ones go at once. From 3 to 64, default 16; core nodes have so many for each sub-cluster they keep.</summary>
    public int MaxLinks { get; init => field = Guard.InRange(value, 3, 64); } = 16;

    /// <summary>Neighbours at once. From 8 to 4,096, default 256.</summary>
    public int MaxPeers { get; init => field = Guard.InRange(value, 8, 4096); } = 256;

    /// <summary>Connections being made at once. From 1 to 64, default 8.</summary>
    public int MaxDials { get; init => field = Guard.InRange(value, 1, 64); } = 8;

    /// <summary>The end with the greater key waits so long for the other to call. From 0 to 10 s, default 300 ms.</summary>
    public TimeSpan DialPatience { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromSeconds(10)); } = TimeSpan.FromMilliseconds(300);

    /// <summary>Wait after the first failed attempt; it doubles. From 0.1 s to 1 minute, default 1 s.</summary>
    public TimeSpan DialRetry { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts. From 1 s to 1 day, default 15 minutes.</summary>
    public TimeSpan MaxDialRetry { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(15);

    /// <summary>How long a peer has for an answer before another is asked; longer while answers come late. From 0.1 s to 1 minute, default 2 s.</summary>
    public TimeSpan AnswerTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(2);

    /// <summary>Advertisements and digest entries taken from one peer per second, ten times as many at once. From 10 to 1 million, default 2,000.</summary>
    public int ItemsPerSecond { get; init => field = Guard.InRange(value, 10, 1_000_000); } = 2000;

    /// <summary>Least time between advertisements of one node, on average over <see cref="OriginBurst"/>. From 0 to 1 minute, default 500 ms.</summary>
    public TimeSpan OriginInterval { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromMinutes(1)); } = TimeSpan.FromMilliseconds(500);

    /// <summary>Advertisements of one node taken at once. From 1 to 1,000, default 16.</summary>
    public int OriginBurst { get; init => field = Guard.InRange(value, 1, 1000); } = 16;

    /// <summary>Advertisements that wait for the certificate of their node. From 1 to 100,000, default 4,096.</summary>
    public int MaxWaiting { get; init => field = Guard.InRange(value, 1, 100_000); } = 4096;

    /// <summary>Advertisements asked for and not yet there. From 16 to 100,000, default 8,192.</summary>
    public int MaxWanted { get; init => field = Guard.InRange(value, 16, 100_000); } = 8192;

    /// <summary>Sub-clusters a core node keeps. From 1 to 64, default 64.</summary>
    public int MaxKept { get; init => field = Guard.InRange(value, 1, 64); } = 64;

    /// <summary>Refusals for which a peer is let go, and not called for ten minutes. From 1 to 1,000, default 8.</summary>
    public int MaxStrikes { get; init => field = Guard.InRange(value, 1, 1000); } = 8;
}
