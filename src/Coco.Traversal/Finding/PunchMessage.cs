using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Traversal.Finding;

/// <summary>
/// Brings both sides to send at the same time.
/// <code>
/// +----------+--------+
/// | round 32 | step 8 |
/// +----------+--------+
/// </code>
/// </summary>
internal readonly record struct PunchMessage(uint Round, PunchStep Step)
{
    private const int Length = 5;

    public void Write(IBufferWriter<byte> output)
    {
        var span = output.GetSpan(Length);
        BinaryPrimitives.WriteUInt32BigEndian(span, Round);
        span[4] = (byte)Step;
        output.Advance(Length);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out PunchMessage message)
    {
        message = default;
        if (body.Length != Length || body[4] is < (byte)PunchStep.Start or > (byte)PunchStep.Please) { return false; }
        message = new(BinaryPrimitives.ReadUInt32BigEndian(body), (PunchStep)body[4]);
        return true;
    }
}
