using Coco.Hosting;

namespace Coco.Messages;

/// <summary>A session with one peer that carries messages; its streams end with it.</summary>
internal sealed class MessageSession(NodeConnection connection) : PooledSession(connection)
{
    public override void Close()
    {
        // Each stream has an owner that ends it.
    }
}
