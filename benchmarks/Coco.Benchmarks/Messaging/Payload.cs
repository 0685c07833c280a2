using System.Buffers.Binary;
using System.Diagnostics;

namespace Coco.Benchmarks.Messaging;

/// <summary>
/// A message of 128 bytes, for all systems.
/// <code>
/// message = time i64 (of the monotonic clock, which all processes of a machine share; 0: not measured) ‖ sequence i64 ‖ publisher u8 ‖ filler
/// </code>
/// </summary>
internal static class Payload
{
    public const int Length = 128;
    public const string Topic = "bench";

    public static byte[] Create(int publisher)
    {
        var payload = new byte[Length];
        payload.AsSpan().Fill((byte)'x');
        payload.AsSpan(0, 16).Clear();
        payload[16] = (byte)publisher;
        return payload;
    }

    public static void SetSequence(Span<byte> payload, long sequence) => BinaryPrimitives.WriteInt64LittleEndian(payload[8..], sequence);

    public static void SetTime(Span<byte> payload, bool isMeasured) => BinaryPrimitives.WriteInt64LittleEndian(payload, isMeasured ? Stopwatch.GetTimestamp() : 0);

    public static long Time(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt64LittleEndian(payload);

    public static long Sequence(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);

    public static int Publisher(ReadOnlySpan<byte> payload) => payload[16];
}
