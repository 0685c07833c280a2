namespace Coco.Cluster.Members;

/// <summary>How far a connected node is believed to belong.</summary>
internal enum MemberPeerState
{
    /// <summary>It has shown nothing: it is told what shows that we belong, and no more.</summary>
    Unproven,

    /// <summary>Statements we did not know lead from an office we do know to its certificate: statements are exchanged until ours say the same.</summary>
    Proven,

    /// <summary>It is a member.</summary>
    Verified,

    /// <summary>It is none any more, or misbehaved: nothing it says counts.</summary>
    Dismissed,
}
