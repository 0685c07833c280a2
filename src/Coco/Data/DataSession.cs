using Coco.Hosting;

namespace Coco.Data;

/// <summary>A session with one peer that carries data; its streams end with it.</summary>
internal sealed class DataSession(NodeConnection connection) : PooledSession(connection)
{
    public override void Close()
    {
        // Each stream has an owner that ends it.
    }
}
