using Coco.Quic.Connections;

namespace Coco.Traversal.Roaming;

/// <summary>Whom QUIC connections belong to: found by <see cref="QuicConnection.Tag"/> when something has happened to one of them.</summary>
internal abstract class QuicUser : Timed
{
    /// <summary>Something has happened to a connection of this user: its events are to be taken.</summary>
    public abstract void HandleReady(QuicConnection quic, TimeSpan now);
}
