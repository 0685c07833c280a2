using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Cluster.Invitations;

/// <summary>
/// What a joiner asks for. Its node key is the one the channel proved.
/// <code>
/// Join  = body ‖ proof 32
/// body  = version u8: 1 ‖ ticket id 16 ‖ wish ‖ anything a later version adds, which is covered by the proof and ignored
/// wish  = flags u8 (1: device, 2: gateway) ‖ app (text, empty for a device) ‖ user 32 ‖ user's signature of the node key 64 ‖ name (text, at most 64 bytes)
/// proof = HMAC-SHA256( ticket key, "coco join v1" ‖ exporter ‖ joiner ‖ sponsor ‖ body )                                at most 2,048 bytes
/// </code>
/// </summary>
internal sealed record JoinRequest(TicketId Ticket, JoinWish Wish)
{
    public const int MaxLength = 2048;

    private const byte Version = 1;

    /// <summary>The frame a joiner sends, proof and all.</summary>
    public byte[] Prove(TicketKey key, in JoinBinding binding)
    {
        var bytes = new byte[MaxLength];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Version);
        Ticket.CopyTo(writer.Reserve(TicketId.Size));
        Wish.Write(ref writer);
        var length = writer.Position;
        key.Prove(JoinPurpose.Join, binding, bytes.AsSpan(0, length), bytes.AsSpan(length, TicketKey.ProofSize));
        return bytes[..(length + TicketKey.ProofSize)];
    }

    /// <summary>Reads what does not depend on the proof; <see cref="IsProved"/> checks that.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, [NotNullWhen(true)] out JoinRequest? request)
    {
        request = null;
        if (frame.Length is > MaxLength or < TicketKey.ProofSize) { return false; }
        var reader = new SpanReader(frame[..^TicketKey.ProofSize]);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadBytes(TicketId.Size, out var ticket)) { return false; }
        if (!JoinWish.TryRead(ref reader, out var wish)) { return false; }
        request = new(TicketId.Read(ticket), wish);
        return true;
    }

    public static bool IsProved(ReadOnlySpan<byte> frame, TicketKey key, in JoinBinding binding) =>
        key.Verify(JoinPurpose.Join, binding, frame[..^TicketKey.ProofSize], frame[^TicketKey.ProofSize..]);

    /// <summary>What the answer refers to.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> frame) => SHA256.HashData(frame);
}
