namespace Coco.Cluster.Members;

/// <summary>Why a connection is to go.</summary>
internal enum MemberDisconnect
{
    /// <summary>The mesh needs it no more: keep it while the app uses it.</summary>
    Unwanted,

    /// <summary>The peer has not shown in time that it belongs. Close it, whoever uses it.</summary>
    NotMember,

    /// <summary>The peer, or we, belong no more. Close it, whoever uses it.</summary>
    Removed,

    /// <summary>The peer breaks the protocol. Close it, whoever uses it.</summary>
    Misbehaved,
}
