namespace Coco.Quic.Streams;

/// <summary>
/// A stream's place in one <see cref="StreamList"/>; made with the stream, so joining and leaving lists allocates nothing.
/// </summary>
internal sealed class StreamLink(StreamEntry entry)
{
    public StreamEntry Entry { get; } = entry;

    public StreamLink? Next { get; set; }

    public StreamLink? Previous { get; set; }

    public bool IsLinked => Next is not null;
}
