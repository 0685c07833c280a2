using System.Buffers;
using Coco.Cluster.Mesh;

namespace Coco.Hosting;

/// <summary>Cuts what comes on a stream where frames end.</summary>
internal static class FrameCutter
{
    // Chosen: each neighbour's stream keeps so much; nearly all that members say is shorter, and what is longer gets more.
    private const int ReadSize = 4 << 10;

    /// <summary>Hands on whole frames, several at a time, until the stream ends. False where what came is no frame.</summary>
    /// <param name="stream">What is read.</param>
    /// <param name="handle">Takes the frames, and returns when it has room for more; they are valid until then.</param>
    public static async Task<bool> ReadAsync(Stream stream, Func<ReadOnlyMemory<byte>, ValueTask> handle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var filled = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
                if (read == 0) { return filled == 0; }
                filled += read;
                if (!TryCut(buffer.AsSpan(0, filled), out var whole, out var next)) { return false; }
                if (whole > 0)
                {
                    await handle(buffer.AsMemory(0, whole)).ConfigureAwait(false);
                    buffer.AsSpan(whole, filled - whole).CopyTo(buffer);
                    filled -= whole;
                }
                if (Math.Max(next, filled + 1) > buffer.Length) { buffer = Grow(buffer, filled, Math.Max(next, filled + ReadSize)); }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Whole: bytes of whole frames; next: bytes the frame behind them has, 0 while that is not known.
    private static bool TryCut(ReadOnlySpan<byte> bytes, out int whole, out int next)
    {
        (whole, next) = (0, 0);
        while (whole < bytes.Length)
        {
            next = MeshNode.FrameLength(bytes[whole..]);
            if (next < 0) { return false; }
            if (next == 0 || next > bytes.Length - whole) { return true; }
            whole += next;
            next = 0;
        }
        return true;
    }

    private static byte[] Grow(byte[] buffer, int filled, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
