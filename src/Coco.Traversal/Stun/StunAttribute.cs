namespace Coco.Traversal.Stun;

/// <summary>One attribute of a message, without its padding.</summary>
internal readonly ref struct StunAttribute(ushort type, ReadOnlySpan<byte> value)
{
    public ushort Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;
}
