using Coco.Quic.Connections;

namespace Coco.Traversal.Roaming;

/// <summary>Whom QUIC connections belong to: found by <see cref="QuicConnection.Tag"/> when something has happened to one of them.</summary>
internal abstract class QuicUser : Timed
{
    /// <summary>Something has happened to a connection of this user: its events are to be taken.</summary>
    public abstract void HandleReady(QuicConnection quic, TimeSpan now);

    /// <summary>Adds the numbers of all paths in use here.</summary>
    public abstract void AddPathsTo(HashSet<int> inUse);

    protected static void AddPaths(QuicConnection? quic, HashSet<int> inUse)
    {
        if (quic is null || quic.State is ConnectionState.Closed) { return; }
        foreach (var path in quic.Paths) { inUse.Add(path.Value); }
    }
}
