using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>What a <see cref="PathFinder"/> asks of the owner of its connection.</summary>
internal abstract record PathAction
{
    private PathAction()
    {
    }

    /// <summary>Let the connection validate a path (<c>TryProbePath</c>). Answer: <see cref="PathState.Validated"/> or <see cref="PathState.Failed"/>; a refusal
    /// is <see cref="PathState.Failed"/> too.</summary>
    public sealed record Validate(PathAddress Path) : PathAction;

    /// <summary>Move the connection (<c>TrySwitchPath</c>). Answer: <see cref="PathState.Activated"/> or, for a refusal, <see cref="PathState.Failed"/>.</summary>
    public sealed record Switch(PathAddress Path, bool AbandonOld) : PathAction;

    /// <summary>The connection may forget a path (<c>TryRemovePath</c>). No answer.</summary>
    public sealed record Remove(PathAddress Path) : PathAction;

    /// <summary>Open UDP sockets on ports of the system's choice. Answer: <see cref="PathFinder.HandleSocketsOpened"/>, also with none.</summary>
    public sealed record OpenSockets(int Request, int Count, bool IsIpv4) : PathAction;

    /// <summary>Close a socket that <see cref="OpenSockets"/> opened. No answer.</summary>
    public sealed record CloseSocket(int Number) : PathAction;

    /// <summary>Open a TCP link. Answer: <see cref="PathFinder.HandleTcp"/>.</summary>
    public sealed record OpenTcp(int Request, NetworkAddress Remote, bool FromListeningPort) : PathAction;

    /// <summary>Close a TCP link that <see cref="OpenTcp"/> opened or the peer did. No answer.</summary>
    public sealed record CloseLink(Link Link) : PathAction;

    /// <summary>Look whether the outside still sees us where we say. What is new comes by <see cref="PathFinder.HandleLocal"/>; else no answer.</summary>
    public sealed record LookAtNat : PathAction;
}
