namespace Coco.Tunnels.Rtsp;

/// <summary>Opens ports for media.</summary>
internal interface IMediaOpener
{
    /// <summary>Opens one or two. Null where there are no more, or the flows are in use.</summary>
    /// <param name="count">How many.</param>
    /// <param name="flow">The first flow; null for any.</param>
    public IMediaPorts? TryOpen(int count, ulong? flow);
}
