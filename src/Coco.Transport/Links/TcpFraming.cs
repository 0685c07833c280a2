using System.Buffers.Binary;

namespace Coco.Transport.Links;

// A TCP link, in each direction:
//
//   preamble   "coco" (4) ‖ version 1 (1) ‖ reserved, sent as zeros and not looked at (3)
//   frame      length (2, big endian, 1–65,535) ‖ datagram
//   frame      …
//
// Whoever connected sends its preamble at once; whoever accepted answers with its own, and says nothing to those who have none.

/// <summary>How datagrams lie in a TCP stream.</summary>
internal static class TcpFraming
{
    public const int PreambleLength = 8;
    public const int LengthSize = 2;
    public const int MaxDatagram = 65_535;

    public static ReadOnlySpan<byte> Preamble => "coco\u0001\0\0\0"u8;

    /// <summary>Whether this is the preamble of a version we speak.</summary>
    public static bool IsPreamble(ReadOnlySpan<byte> bytes) => bytes.Length == PreambleLength && bytes[..5].SequenceEqual(Preamble[..5]);

    /// <summary>
    /// Moves the datagrams of whole frames from <paramref name="received"/> together, back to back from its start, and notes them as runs in
    /// the batch, as long as that has room for runs. False when a frame has no length, which ends the link.
    /// </summary>
    /// <param name="received">The bytes of a batch's buffer that have been read, from its start.</param>
    /// <param name="batch">The batch; it must hold no datagrams.</param>
    /// <param name="consumed">How many of the received bytes were whole frames.</param>
    public static bool TryUnpack(Span<byte> received, LinkBatch batch, out int consumed)
    {
        consumed = 0;
        while (received.Length - consumed >= LengthSize)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(received[consumed..]);
            if (length == 0) { return false; }
            if (received.Length - consumed - LengthSize < length || !batch.HasRoomForRun) { break; }
            received.Slice(consumed + LengthSize, length).CopyTo(received[batch.Length..]); // to the left, by lengths left out
            batch.Append(length);
            consumed += LengthSize + length;
        }
        return true;
    }
}
