namespace Coco.Hosting;

/// <summary>A session that a part of the node has with one peer, by whichever side opened it; <see cref="SessionPool{T}"/> keeps this side's.</summary>
internal abstract class PooledSession(NodeConnection connection)
{
    public NodeConnection Connection { get; } = connection;

    /// <summary>Whether no more can be opened in it.</summary>
    public bool IsOver => Connection.Closed.IsCompleted;

    /// <summary>Those that use it now; the pool's.</summary>
    public int Users { get; set; }

    /// <summary>When the last one stopped; the pool's.</summary>
    public long IdleSince { get; set; }

    /// <summary>Ends what is under way in it.</summary>
    public abstract void Close();
}
