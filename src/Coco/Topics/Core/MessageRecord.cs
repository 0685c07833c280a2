namespace Coco.Topics.Core;

/// <summary>A message in a <see cref="MessageRing"/>.</summary>
internal readonly ref struct MessageRecord(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, long time, MessageKind kind)
{
    public ReadOnlySpan<byte> Head { get; } = head;

    public ReadOnlySpan<byte> Tail { get; } = tail;

    public long Time { get; } = time;

    public MessageKind Kind { get; } = kind;

    public int Length => Head.Length + Tail.Length;
}
