namespace Coco.Cluster.Mesh;

/// <summary>What connected members tell each other besides the graph; null for what a node has no part in.</summary>
internal readonly record struct MeshExchange(ICertificateExchange? Certificates, IStatementExchange? Statements);
