using Coco.Media;

namespace Coco.Tests.Media;

/// <summary>Objects for tests.</summary>
internal static class Items
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static LiveObject Of(long group, long index, long sequence, byte priority = 128, int length = 100, byte[]? chain = null)
    {
        var data = new byte[length];
        data.AsSpan().Fill((byte)sequence);
        return LiveObject.TryRead(new(group, index, sequence, chain ?? ObjectPlace.NoChain), LiveObject.Encode(priority, Ms(sequence), Deadline, data))!;
    }

    public static QueueEntry Entry(long group, long index, byte priority = 128, int length = 100, double dueAtMs = 500) =>
        new(Of(group, index, (group * 100) + index, priority, length), Ms(dueAtMs));
}
