namespace Coco.Traversal.PortMapping;

/// <summary>A port of ours that is to be reachable from outside.</summary>
/// <param name="Transport">What it carries.</param>
/// <param name="InternalPort">Our port.</param>
internal readonly record struct WantedMapping(MappedTransport Transport, int InternalPort);
