using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Quic.Tests.Fuzzing;

/// <summary>Draws what generators need from one seed, which reproduces a failing run.</summary>
internal sealed class FuzzRandom(ulong seed)
{
    private readonly SeededRandomSource _source = new(seed);
    private readonly byte[] _pool = new byte[1024];
    private int _used = 1024;

    public RandomSource Source => _source;

    public ulong Next64()
    {
        if (_used + 8 > _pool.Length)
        {
            _source.Fill(_pool);
            _used = 0;
        }
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_pool.AsSpan(_used));
        _used += 8;
        return value;
    }

    /// <summary>From zero up to, without, <paramref name="limit"/>.</summary>
    public int Next(int limit) => (int)(Next64() % (ulong)limit);

    /// <summary>Both included.</summary>
    public int Next(int least, int most) => least + Next(most - least + 1);

    public bool Chance(int oneIn) => Next(oneIn) == 0;

    /// <summary>A number of 0 to 62 bits, each length as likely: what variable-length integers are interested in.</summary>
    public ulong NextVarInt() => Next64() >> Next(2, 63);

    public byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _source.Fill(bytes);
        return bytes;
    }
}
