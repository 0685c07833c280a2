namespace Coco.Media;

/// <summary>An object that has arrived.</summary>
/// <param name="Object">The object.</param>
/// <param name="ArrivedAt">When.</param>
/// <param name="DueAt">When it is of no use any more.</param>
/// <param name="Latency">How old it was.</param>
/// <param name="IsCatchUp">Whether it was published before this node joined.</param>
internal sealed record OrderedObject(LiveObject Object, TimeSpan ArrivedAt, TimeSpan DueAt, TimeSpan Latency, bool IsCatchUp);
