using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Time;

/// <summary>
/// The time as somebody tells it now: signed over the asker's nonce, so that it is not a time long past.
/// <code>
/// signature = Ed25519( key of who tells, "coco time v1" ‖ network (32) ‖ nonce (16) ‖ asker's NodeId (32) ‖ unix seconds u64 )
/// </code>
/// Members ask each other by frames of the mesh. A control plane, which is no member, is asked over a connection of its own, on a stream:
/// <code>
/// question = 0x02 ‖ network (32) ‖ nonce (16)
/// answer   = unix seconds u64 ‖ signature (64)
/// </code>
/// </summary>
internal static class LiveTime
{
    public const int NonceSize = 16;

    /// <summary>Bytes of a question, with the kind of its stream.</summary>
    public const int QuestionSize = 1 + NetworkId.Size + NonceSize;

    public const int AnswerSize = sizeof(ulong) + IdentityKey.SignatureSize;

    private const byte Kind = 0x02;

    private static ReadOnlySpan<byte> Domain => "coco time v1"u8;

    /// <summary>What is signed.</summary>
    public static byte[] Bytes(NetworkId network, ReadOnlySpan<byte> nonce, NodeId asker, ulong seconds)
    {
        var bytes = new byte[Domain.Length + NetworkId.Size + NonceSize + NodeId.Size + sizeof(ulong)];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes(Domain);
        writer.WriteKey(network.Key);
        writer.WriteBytes(nonce);
        writer.WriteKey(asker);
        writer.WriteUInt64(seconds);
        return bytes;
    }

    public static byte[] Question(NetworkId network, ReadOnlySpan<byte> nonce)
    {
        var bytes = new byte[QuestionSize];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Kind);
        writer.WriteKey(network.Key);
        writer.WriteBytes(nonce);
        return bytes;
    }

    /// <summary>The answer to a question; null where it is none.</summary>
    /// <param name="question">What the stream had.</param>
    /// <param name="asker">Who asks, as the connection has proved.</param>
    /// <param name="key">Of who tells.</param>
    /// <param name="seconds">The time, in seconds since 1970 UTC.</param>
    public static byte[]? Answer(ReadOnlySpan<byte> question, NodeId asker, IdentityKey key, ulong seconds)
    {
        var reader = new SpanReader(question);
        if (!reader.TryReadByte(out var kind) || kind != Kind || !reader.TryReadKey(out var network) || !reader.TryReadBytes(NonceSize, out var nonce) || !reader.IsEmpty) { return null; }
        var answer = new byte[AnswerSize];
        var writer = new SpanWriter(answer);
        writer.WriteUInt64(seconds);
        key.Sign(Bytes(new(network), nonce, asker, seconds), writer.Reserve(IdentityKey.SignatureSize));
        return answer;
    }
}
