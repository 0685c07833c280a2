using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Traversal.Finding;

/// <summary>All ports from 1,024 to 65,535 once each, in an order nobody can guess the next of, in eight bytes of state.</summary>
internal struct PortWalk
{
    private const uint Count = 65_536 - 1024; // 2^10 · 3^2 · 7
    private readonly uint _stride;
    private uint _position;

    public PortWalk(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[8];
        random.Fill(bytes);
        _position = BinaryPrimitives.ReadUInt32BigEndian(bytes) % Count;
        _stride = (BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) % Count) | 1;
        // A stride without a common factor with the count visits everything.
        while (_stride % 3 == 0 || _stride % 7 == 0) { _stride += 2; }
    }

    public int Next()
    {
        _position = (_position + _stride) % Count;
        return 1024 + (int)_position;
    }
}
