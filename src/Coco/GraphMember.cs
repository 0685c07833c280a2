using Coco.Crypto;

namespace Coco;

/// <summary>A node of a <see cref="NodeGraph"/>.</summary>
/// <param name="Id">The node.</param>
/// <param name="Name">What it is called; empty while that is not known here.</param>
/// <param name="IsReachable">Whether there is a way to it.</param>
/// <param name="Hops">Links on the way.</param>
public sealed record GraphMember(NodeId Id, string Name, bool IsReachable, int Hops)
{
    /// <summary>Whether it passes on what others send each other (<see cref="NodeOptions.Forwards"/>), as it says itself; null while nothing of what it says is known here.</summary>
    public bool? Forwards { get; init; }
}
