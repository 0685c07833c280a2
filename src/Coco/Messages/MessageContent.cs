using System.Text;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <summary>
/// A message as it is sent and stored:
/// <code>
/// content = sequence v ‖ previous v ‖ sent v ‖ expires v ‖ length v (at most 255) ‖ subject in UTF-8 ‖ data
/// </code>
/// Times are milliseconds since 1970. Previous is the sequence of the one before it that is still of use, 0 where it is not said.
/// </summary>
internal readonly ref struct MessageContent
{
    public const int MaxSubjectLength = 255;

    /// <summary>Bytes that are not data, at most.</summary>
    public const int MaxOverhead = (4 * VarInt.MaxLength) + 2 + MaxSubjectLength;

    public ulong Sequence { get; init; }

    public ulong Previous { get; init; }

    public long SentAtMs { get; init; }

    public long ExpiresMs { get; init; }

    public ReadOnlySpan<byte> Subject { get; init; }

    public ReadOnlySpan<byte> Data { get; init; }

    public int Length => VarInt.Length(Sequence) + VarInt.Length(Previous) + VarInt.Length((ulong)SentAtMs) + VarInt.Length((ulong)ExpiresMs)
        + VarInt.Length((ulong)Subject.Length) + Subject.Length + Data.Length;

    public void Write(scoped ref SpanWriter writer)
    {
        WriteHead(ref writer);
        writer.WriteBytes(Data);
    }

    /// <summary>All but the data, which is last.</summary>
    public void WriteHead(scoped ref SpanWriter writer)
    {
        writer.WriteVarInt(Sequence);
        writer.WriteVarInt(Previous);
        writer.WriteVarInt((ulong)SentAtMs);
        writer.WriteVarInt((ulong)ExpiresMs);
        writer.WriteVarInt((ulong)Subject.Length);
        writer.WriteBytes(Subject);
    }

    public static bool TryParse(ReadOnlySpan<byte> bytes, int maxData, out MessageContent content)
    {
        content = default;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadVarInt(out var sequence) || !reader.TryReadVarInt(out var previous) || sequence == 0 || previous >= sequence) { return false; }
        if (!reader.TryReadVarInt(out var sent) || !reader.TryReadVarInt(out var expires) || sent > MaxTime || expires > MaxTime) { return false; }
        if (!reader.TryReadVarIntBytes(out var subject) || subject.Length > MaxSubjectLength || !System.Text.Unicode.Utf8.IsValid(subject)) { return false; }
        var data = reader.ReadToEnd();
        if (data.Length > maxData) { return false; }
        content = new() { Sequence = sequence, Previous = previous, SentAtMs = (long)sent, ExpiresMs = (long)expires, Subject = subject, Data = data };
        return true;
    }

    /// <summary>A subject as bytes.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static byte[] EncodeSubject(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (subject.Length == 0) { return []; }
        var bytes = Encoding.UTF8.GetBytes(subject);
        return bytes.Length <= MaxSubjectLength ? bytes : throw new ArgumentException($"A subject has at most {MaxSubjectLength} bytes of UTF-8.", nameof(subject));
    }

    private const ulong MaxTime = 253_402_300_799_999; // the year 9999, all that DateTimeOffset can show
}
