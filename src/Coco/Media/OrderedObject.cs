namespace Coco.Media;

/// <summary>An object that has arrived, or a signature, which goes on to others in its place among the objects.</summary>
/// <param name="Object">The object; null for a signature.</param>
/// <param name="ArrivedAt">When.</param>
/// <param name="DueAt">When it is of no use any more.</param>
/// <param name="Latency">How old it was.</param>
/// <param name="IsCatchUp">Whether it was published before this node joined.</param>
internal sealed record OrderedObject(LiveObject? Object, TimeSpan ArrivedAt, TimeSpan DueAt, TimeSpan Latency, bool IsCatchUp)
{
    public LiveSignature? Signature { get; init; }

    public int Length => Object?.Body.Length ?? 0;
}
