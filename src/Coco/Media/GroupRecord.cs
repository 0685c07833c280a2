namespace Coco.Media;

/// <summary>
/// What comes on the stream of a group, each for the next place: <c>type v ‖ length v ‖ body</c>. Others are skipped.
/// </summary>
internal enum GroupRecord : ulong
{
    /// <summary>An object (<see cref="LiveObject"/>).</summary>
    Object = 1,

    /// <summary>The leaf of an object that was left out, to those that want signatures.</summary>
    Leaf = 2,

    /// <summary>Objects of the group that are covered v ‖ signature (64); see <see cref="LiveSignature"/>.</summary>
    Signature = 3,

    /// <summary>Objects were left out: count v.</summary>
    LeftOut = 4,
}
