namespace Coco.Quic.Connections;

/// <summary>A byte stream below paths, from when it was first full until the host forgets it.</summary>
internal sealed class Underlay
{
    /// <summary>Whether it takes nothing more for now.</summary>
    public bool IsFull { get; set; }

    /// <summary>When it last became full or took something again: what waits in it cannot have been acknowledged sooner.</summary>
    public long LastChange { get; set; }

    /// <summary>Connections that would send over it, in the order in which they will.</summary>
    public HashSet<QuicConnection> Waiting { get; } = [];
}
