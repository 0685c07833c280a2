namespace Coco.Cluster.Invitations;

/// <summary>What has become of a ticket. The numbers are on disk.</summary>
internal enum TicketState
{
    Open = 0,
    Revoked = 1,

    /// <summary>Used by one node for good; its certificate is there once it was made.</summary>
    Used = 2,
}
