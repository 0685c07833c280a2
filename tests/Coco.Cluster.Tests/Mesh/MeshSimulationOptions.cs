using Coco.Cluster.Mesh;

namespace Coco.Cluster.Tests.Mesh;

internal sealed record MeshSimulationOptions
{
    public ulong Seed { get; init; } = 1;

    public int Nodes { get; init; } = 100;

    /// <summary>Nodes of the core; the others are in sub-clusters. Zero: everybody is in one.</summary>
    public int Core { get; init; }

    public int SubClusterSize { get; init; } = 200;

    public double HardNat { get; init; } = 0.3;

    public double Loss { get; init; } = 0.1;

    /// <summary>How many starts find the clock anywhere within a year.</summary>
    public double WrongClocks { get; init; } = 0.1;

    public double JoinsPerSecond { get; init; } = 100;

    /// <summary>Whether each node remembers from an earlier life who belongs.</summary>
    public bool Remembered { get; init; }

    public bool RealSignatures { get; init; }

    public MeshOptions Mesh { get; init; } = new();

    /// <summary>What single nodes have instead, by their index; null for none.</summary>
    public Func<int, MeshOptions?> Other { get; init; } = static _ => null;

    /// <summary>Where all nodes are on one machine, what they do takes time there, one thing after the other; null where each has a machine of its own.</summary>
    public SimulatedMachine? Machine { get; init; }

    /// <summary>What each message takes of the one processor that all nodes share.</summary>
    public TimeSpan MessageTime { get; init; }
}
