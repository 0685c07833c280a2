using Coco.Hosting;

namespace Coco.Media;

/// <summary>A session in which streams of a peer's come.</summary>
internal sealed class MediaSession(NodeConnection connection) : PooledSession(connection)
{
    public override void Close()
    {
        // Subscriptions end by themselves before.
    }
}
