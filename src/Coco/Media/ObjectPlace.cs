namespace Coco.Media;

/// <summary>Where an object stands in its track.</summary>
/// <param name="Group">The group.</param>
/// <param name="Index">The place in the group, from 0.</param>
/// <param name="Sequence">The place in the track, from 0.</param>
/// <param name="Chain">The chain of hashes of those before it in the group.</param>
internal readonly record struct ObjectPlace(long Group, long Index, long Sequence, byte[] Chain)
{
    public static readonly byte[] NoChain = new byte[LiveObject.HashSize];
}
