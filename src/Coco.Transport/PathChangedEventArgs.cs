namespace Coco.Transport;

/// <summary>A connection's data goes another way now.</summary>
/// <param name="path">The path in use.</param>
public sealed class PathChangedEventArgs(PathSnapshot path) : EventArgs
{
    /// <summary>The path in use.</summary>
    public PathSnapshot Path { get; } = path;
}
