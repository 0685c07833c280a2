using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Cluster.Invitations;

/// <summary>Statements in frames of at most 60 KiB, each statement as its length and its bytes.</summary>
internal static class StatementFrames
{
    public const int MaxFrameLength = 60 * 1024;
    public const int MaxStatementLength = 16 * 1024;

    public static IReadOnlyList<ReadOnlyMemory<byte>> Write(IReadOnlyList<ReadOnlyMemory<byte>> statements)
    {
        var frames = new List<ReadOnlyMemory<byte>>();
        var bytes = new byte[MaxFrameLength];
        var used = 0;
        foreach (var statement in statements)
        {
            if (used + VarInt.MaxLength + statement.Length > bytes.Length)
            {
                frames.Add(bytes.AsMemory(0, used).ToArray());
                used = 0;
            }
            used += VarInt.Write(bytes.AsSpan(used), (ulong)statement.Length);
            statement.Span.CopyTo(bytes.AsSpan(used));
            used += statement.Length;
        }
        if (used > 0) { frames.Add(bytes.AsMemory(0, used).ToArray()); }
        return frames;
    }

    public static bool TryRead(ReadOnlySpan<byte> frame, ICollection<ReadOnlyMemory<byte>> statements, int maxCount)
    {
        var reader = new SpanReader(frame);
        while (!reader.IsEmpty)
        {
            if (statements.Count >= maxCount || !reader.TryReadVarIntBytes(out var statement)) { return false; }
            if (statement.Length is 0 or > MaxStatementLength) { return false; }
            statements.Add(statement.ToArray());
        }
        return true;
    }

    public static byte[] HashOf(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var frame in frames) { hash.AppendData(frame.Span); }
        return hash.GetHashAndReset();
    }
}
