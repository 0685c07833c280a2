namespace Coco.Traversal.Stun;

/// <summary>What a message is in its exchange (RFC 8489 §5): the bits C1 and C0 of its type.</summary>
internal enum StunClass : byte
{
    Request = 0,
    Indication = 1,
    Success = 2,
    Error = 3,
}
