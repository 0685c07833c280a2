namespace Coco.Cluster.Mesh;

/// <summary>What the mesh asks of its host.</summary>
internal enum MeshCommandKind
{
    /// <summary>Connect to a node; the answer is <see cref="MeshNode.HandlePeerUp"/> or <see cref="MeshNode.HandleConnectFailed"/>.</summary>
    Connect,

    /// <summary>The mesh needs this connection no more; where nobody else does, close it.</summary>
    Disconnect,

    /// <summary>Somebody lost this neighbour: find out now whether it still answers.</summary>
    Probe,
}
