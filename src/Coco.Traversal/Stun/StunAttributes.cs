using System.Buffers.Binary;

namespace Coco.Traversal.Stun;

/// <summary>Walks the attributes of a message whose lengths were checked.</summary>
internal ref struct StunAttributes(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _next = StunMessage.HeaderLength;

    public StunAttribute Current { get; private set; }

    public bool MoveNext()
    {
        if (_next >= _message.Length) { return false; }
        var length = BinaryPrimitives.ReadUInt16BigEndian(_message[(_next + 2)..]);
        Current = new(BinaryPrimitives.ReadUInt16BigEndian(_message[_next..]), _message.Slice(_next + StunMessage.AttributeHeaderLength, length));
        _next += StunMessage.AttributeHeaderLength + StunMessage.Padded(length);
        return true;
    }
}
