namespace Coco.Cluster.Members;

/// <summary>A row of the node's database. In outputs, an empty value deletes.</summary>
internal readonly record struct MemberRow(MemberTable Table, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);
