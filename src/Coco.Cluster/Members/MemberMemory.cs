using Coco.Cluster.Time;

namespace Coco.Cluster.Members;

/// <summary>What a member remembers of an earlier life, besides its log.</summary>
/// <param name="Sequence">Greater than any sequence number an advertisement of the node has had.</param>
/// <param name="Arrivals">How many statements were ever kept.</param>
/// <param name="Claims">What others said the time was.</param>
internal sealed record MemberMemory(ulong Sequence, ulong Arrivals, IReadOnlyList<TimeClaim> Claims)
{
    public static MemberMemory None { get; } = new(1, 0, []);
}
