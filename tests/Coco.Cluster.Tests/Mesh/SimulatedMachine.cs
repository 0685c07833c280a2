namespace Coco.Cluster.Tests.Mesh;

/// <summary>
/// One machine for all nodes of a simulation: what is due waits until what came before is done, so that timers fire late and answers come late,
/// as with hundreds of nodes in one process. The times are those of the whole machine, with all its processors.
/// </summary>
internal sealed record SimulatedMachine
{
    /// <summary>What the start of a node takes: its store, its sockets, what it remembers.</summary>
    public TimeSpan Start { get; init; }

    /// <summary>What a connection takes, of both ends and until both have shown who they are.</summary>
    public TimeSpan Connection { get; init; }

    /// <summary>What a message takes, sent and received.</summary>
    public TimeSpan Message { get; init; }

    /// <summary>What a timer takes.</summary>
    public TimeSpan Timer { get; init; }
}
