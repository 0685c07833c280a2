namespace Coco.Quic.Streams;

/// <summary>The stream offsets from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
internal readonly record struct ByteRange(long Start, long End)
{
    public long Length => End - Start;
}
