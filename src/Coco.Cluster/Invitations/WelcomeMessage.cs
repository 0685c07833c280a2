using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Cluster.Invitations;

/// <summary>
/// The sponsor's yes.
/// <code>
/// Welcome = body ‖ proof 32
/// body    = version u8: 1 ‖ certificate (varint length ‖ at most 4,096) ‖ statements that follow: count varint, SHA-256 of all frames of them 32
///           ‖ anything a later version adds, which is covered by the proof and ignored
/// proof   = HMAC-SHA256( ticket key, "coco welcome v1" ‖ exporter ‖ joiner ‖ sponsor ‖ SHA-256(Join) ‖ body )
/// </code>
/// </summary>
internal sealed record WelcomeMessage(ReadOnlyMemory<byte> Certificate, int StatementCount, ReadOnlyMemory<byte> StatementsHash)
{
    public const int MaxCertificateLength = 4096;
    public const int MaxLength = MaxCertificateLength + 1024;

    private const byte Version = 1;

    public byte[] Prove(TicketKey key, in JoinBinding binding, ReadOnlySpan<byte> joinHash)
    {
        var bytes = new byte[MaxLength];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Version);
        writer.WriteVarInt((ulong)Certificate.Length);
        writer.WriteBytes(Certificate.Span);
        writer.WriteVarInt((ulong)StatementCount);
        writer.WriteBytes(StatementsHash.Span);
        var length = writer.Position;
        key.Prove(JoinPurpose.Welcome, binding, [.. joinHash, .. bytes.AsSpan(0, length)], bytes.AsSpan(length, TicketKey.ProofSize));
        return bytes[..(length + TicketKey.ProofSize)];
    }

    /// <summary>Reads a welcome whose proof holds.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> frame, TicketKey key, in JoinBinding binding, ReadOnlySpan<byte> joinHash, [NotNullWhen(true)] out WelcomeMessage? welcome)
    {
        welcome = null;
        if (frame.Length is > MaxLength or < TicketKey.ProofSize) { return false; }
        var body = frame[..^TicketKey.ProofSize];
        if (!key.Verify(JoinPurpose.Welcome, binding, [.. joinHash, .. body], frame[^TicketKey.ProofSize..])) { return false; }
        var reader = new SpanReader(body);
        if (!reader.TryReadByte(out var version) || version != Version) { return false; }
        if (!reader.TryReadVarIntBytes(out var certificate) || certificate.Length > MaxCertificateLength) { return false; }
        if (!reader.TryReadVarInt(out var count) || count > int.MaxValue || !reader.TryReadBytes(SHA256.HashSizeInBytes, out var hash)) { return false; }
        welcome = new(certificate.ToArray(), (int)count, hash.ToArray());
        return true;
    }
}
