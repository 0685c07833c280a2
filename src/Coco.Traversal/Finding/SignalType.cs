namespace Coco.Traversal.Finding;

/// <summary>Types of the messages two path finders exchange on the connection's control stream.</summary>
internal static class SignalType
{
    /// <summary><see cref="CandidatesMessage"/>.</summary>
    public const ulong Candidates = 0x20;

    /// <summary><see cref="PunchMessage"/>.</summary>
    public const ulong Punch = 0x21;

    /// <summary><see cref="BirthdayMessage"/>.</summary>
    public const ulong Birthday = 0x22;

    public static bool IsKnown(ulong type) => type is >= Candidates and <= Birthday;
}
