using System.Buffers.Binary;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>Draws numbers from one seed.</summary>
internal sealed class MeshDice(ulong seed)
{
    public SeededRandomSource Source { get; } = new(seed);

    public ulong Next64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Source.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public NodeId NodeId()
    {
        Span<byte> bytes = stackalloc byte[Coco.Crypto.NodeId.Size];
        Source.Fill(bytes);
        return Coco.Crypto.NodeId.Read(bytes);
    }

    public int Next(int limit) => (int)(Next64() % (ulong)limit);

    public double Unit() => (Next64() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    public TimeSpan Between(double leastMs, double mostMs) => TimeSpan.FromMilliseconds(leastMs + (Unit() * (mostMs - leastMs)));
}
