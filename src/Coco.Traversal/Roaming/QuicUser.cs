using Coco.Quic.Connections;

namespace Coco.Traversal.Roaming;

/// <summary>Whom a QUIC connection belongs to: found by its <see cref="QuicConnection.Tag"/> when something has happened to it.</summary>
internal abstract class QuicUser
{
    /// <summary>Something has happened to a connection of this user: its events are to be taken.</summary>
    public abstract void HandleReady(QuicConnection quic, TimeSpan now);
}
