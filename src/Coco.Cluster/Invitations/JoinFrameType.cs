namespace Coco.Cluster.Invitations;

/// <summary>Types 16 to 31 of the frames on a member's stream are the join protocol's.</summary>
internal enum JoinFrameType : ulong
{
    /// <summary>Joiner to sponsor (<see cref="JoinRequest"/>).</summary>
    Join = 16,

    /// <summary>Sponsor to joiner (<see cref="WelcomeMessage"/>).</summary>
    Welcome = 17,

    /// <summary>Sponsor to joiner: reason u8.</summary>
    Refused = 18,

    /// <summary>Sponsor to joiner, after the welcome: statements, each a length and bytes.</summary>
    Statements = 19,
}
