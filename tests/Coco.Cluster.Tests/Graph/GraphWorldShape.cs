namespace Coco.Cluster.Tests.Graph;

/// <summary>What a drawn network looks like.</summary>
/// <param name="Core">Nodes of the core.</param>
/// <param name="CoreLinks">How many links a core node has to others, on average.</param>
/// <param name="SubClusters">Sub-clusters.</param>
/// <param name="Members">Members of each.</param>
/// <param name="MemberLinks">How many links in it its members and keepers have, on average.</param>
/// <param name="Keepers">Core nodes that keep each.</param>
/// <param name="Leaves">Share of members that do not forward.</param>
internal sealed record GraphWorldShape(int Core, double CoreLinks, int SubClusters, int Members, double MemberLinks, int Keepers, double Leaves);
