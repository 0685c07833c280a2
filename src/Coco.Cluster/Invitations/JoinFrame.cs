namespace Coco.Cluster.Invitations;

/// <summary>A frame of the join protocol: its type, and at most 64 KiB. Whoever owns the stream frames it like all others of members.</summary>
internal readonly record struct JoinFrame(JoinFrameType Type, ReadOnlyMemory<byte> Body);
