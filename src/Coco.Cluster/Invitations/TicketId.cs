using System.Buffers.Binary;

namespace Coco.Cluster.Invitations;

/// <summary>A ticket: the first 16 bytes of a hash of its secret. Who can name a ticket has seen it.</summary>
public readonly record struct TicketId(UInt128 Value)
{
    /// <summary>Bytes of the identity.</summary>
    public const int Size = 16;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture)[..12];

    internal static TicketId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    internal void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);
}
