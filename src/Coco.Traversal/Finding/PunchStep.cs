namespace Coco.Traversal.Finding;

/// <summary>What a <see cref="PunchMessage"/> says. The numbers are on the wire.</summary>
internal enum PunchStep : byte
{
    /// <summary>The controlling side has sent its first packets: now you, and then both.</summary>
    Start = 1,

    /// <summary>The controlled side has sent its first packets too.</summary>
    Started = 2,

    /// <summary>Both connect to each other by TCP now.</summary>
    Tcp = 3,

    /// <summary>The controlled side asks for a round: its network changed, or its direct path died.</summary>
    Please = 4,
}
