using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>What is said about statements of the membership log between connected members; the mesh carries it and does not look inside.</summary>
internal interface IStatementExchange
{
    public void HandlePeerUp(NodeId peer);

    public void HandlePeerDown(NodeId peer);

    public void HandleHeads(NodeId from, ReadOnlySpan<byte> heads);

    public void HandleStatements(NodeId from, ReadOnlySpan<byte> statements);

    /// <summary>Takes the next body to send, of <see cref="MeshFrameType.StatementHeads"/> or <see cref="MeshFrameType.Statements"/>.</summary>
    public bool TryTake(out NodeId to, out MeshFrameType type, out ReadOnlyMemory<byte> body);
}
