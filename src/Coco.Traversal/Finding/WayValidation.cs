namespace Coco.Traversal.Finding;

/// <summary>What the connection has said of a path.</summary>
internal enum WayValidation : byte
{
    None,
    Asked,
    Valid,
}
