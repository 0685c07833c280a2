using System.Buffers.Binary;
using Coco.Traversal.Links;

namespace Coco.Traversal.Relays;

/// <summary>
/// A relayed datagram: <c>0x05 ‖ session u64 ‖ datagram</c>. Each leg has one session number, used in both directions; the relay puts the
/// other leg's in its place.
/// </summary>
internal static class RelayDatagram
{
    /// <summary>Bytes of a relayed datagram, header included: what fits an Ethernet frame and a little more.</summary>
    public const int MaxLength = 1500;

    public static void WriteHeader(Span<byte> destination, ulong session)
    {
        destination[0] = FirstByte.Relayed;
        BinaryPrimitives.WriteUInt64BigEndian(destination[1..], session);
    }

    /// <summary>Reads the session number. False for what is no relayed datagram.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> datagram, out ulong session)
    {
        session = 0;
        if (datagram.Length < FirstByte.RelayedHeaderLength || datagram[0] != FirstByte.Relayed) { return false; }
        session = BinaryPrimitives.ReadUInt64BigEndian(datagram[1..]);
        return session != 0;
    }
}
