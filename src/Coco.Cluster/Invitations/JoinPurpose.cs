namespace Coco.Cluster.Invitations;

/// <summary>Who proves that it knows the ticket.</summary>
internal enum JoinPurpose
{
    Join,
    Welcome,
}
