using System.Buffers.Binary;
using Coco.Crypto.Native;

namespace Coco.Crypto.Packets;

/// <summary>The ChaCha20 header mask by libsodium, for the backends that have no raw ChaCha20 themselves.</summary>
internal static unsafe class ChaCha20Mask
{
    public static void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        // RFC 9001 §5.4.4: counter = sample[0..4], little endian; nonce = sample[4..16]; the mask is five bytes of keystream.
        var counter = BinaryPrimitives.ReadUInt32LittleEndian(sample);
        mask.Clear();
        fixed (byte* k = key, n = sample[4..], m = mask)
        {
            _ = Sodium.crypto_stream_chacha20_ietf_xor_ic(m, m, (ulong)mask.Length, n, counter, k); // returns 0 always
        }
    }
}
