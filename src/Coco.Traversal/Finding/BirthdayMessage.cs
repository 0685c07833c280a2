using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Traversal.Finding;

/// <summary>
/// Agreement on birthday punching. Who opens sockets and who probes follows from the mappings in the candidates.
/// <code>
/// +------------+--------+
/// | attempt 32 | step 8 |
/// +------------+--------+
/// </code>
/// </summary>
internal readonly record struct BirthdayMessage(uint Attempt, BirthdayStep Step)
{
    private const int Length = 5;

    public void Write(IBufferWriter<byte> output)
    {
        var span = output.GetSpan(Length);
        BinaryPrimitives.WriteUInt32BigEndian(span, Attempt);
        span[4] = (byte)Step;
        output.Advance(Length);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out BirthdayMessage message)
    {
        message = default;
        if (body.Length != Length || body[4] is < (byte)BirthdayStep.Request or > (byte)BirthdayStep.Stop) { return false; }
        message = new(BinaryPrimitives.ReadUInt32BigEndian(body), (BirthdayStep)body[4]);
        return true;
    }
}
