using Coco.Cluster.Certificates;
using Coco.Crypto;

namespace Coco.Cluster.News;

/// <summary>What a node has that a control plane may lack.</summary>
/// <param name="Own">The certificate of the node that asks.</param>
/// <param name="Statements">Statements.</param>
/// <param name="Nodes">Nodes and their certificates.</param>
internal sealed record PlaneQuestion(NodeCertificate Own, IReadOnlyList<StatementId> Statements, IReadOnlyList<(NodeId Node, StatementId Certificate)> Nodes)
{
    /// <summary>Statements and nodes together.</summary>
    public int Count => Statements.Count + Nodes.Count;
}
