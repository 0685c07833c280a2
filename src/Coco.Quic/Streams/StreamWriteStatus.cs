namespace Coco.Quic.Streams;

/// <summary>How a write ended.</summary>
public enum StreamWriteStatus : byte
{
    /// <summary>Everything was taken, and the end if it was given.</summary>
    Ok,

    /// <summary>The send buffer is full and took a part, maybe none; a Writable event follows.</summary>
    Blocked,

    /// <summary>The peer asked us to stop.</summary>
    Stopped,

    /// <summary>The end was written or the stream reset before, or it has been forgotten.</summary>
    Closed,

    /// <summary>No such stream, or not one we send on.</summary>
    Unknown,
}
