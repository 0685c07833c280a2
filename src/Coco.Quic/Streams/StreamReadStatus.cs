namespace Coco.Quic.Streams;

/// <summary>How a read ended.</summary>
public enum StreamReadStatus : byte
{
    /// <summary>Bytes, the end, or both.</summary>
    Ok,

    /// <summary>Nothing yet; a Readable event follows.</summary>
    Empty,

    /// <summary>The peer reset the stream.</summary>
    Reset,

    /// <summary>The end was read, the reset was seen, or we stopped reading; or it has been forgotten.</summary>
    Closed,

    /// <summary>No such stream, or not one we receive on.</summary>
    Unknown,
}
