namespace Coco.Quic.Streams;

/// <summary>What happened to a stream. Of the events waiting for one stream, the earlier named is delivered first.</summary>
public enum StreamEventKind : byte
{
    /// <summary>The peer opened the stream. Taking this event accepts it.</summary>
    Opened,

    /// <summary>More bytes, or the end, can be read.</summary>
    Readable,

    /// <summary>A write that was blocked can go on.</summary>
    Writable,

    /// <summary>The peer reset its sending part; what was not read is gone.</summary>
    Reset,

    /// <summary>The peer asked us to stop sending; our part has been reset with its code.</summary>
    Stopped,

    /// <summary>All bytes and the end were acknowledged.</summary>
    SendFinished,

    /// <summary>Both parts have ended. Taking this event forgets the stream and gives its place back to the peer.</summary>
    Closed,

    /// <summary>A bidirectional stream can be opened after <see cref="StreamSet.TryOpen"/> was refused. No stream id.</summary>
    CanOpenBidirectional,

    /// <summary>A unidirectional stream can be opened after <see cref="StreamSet.TryOpen"/> was refused. No stream id.</summary>
    CanOpenUnidirectional,
}
