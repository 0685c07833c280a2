using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>
/// The hash of a ticket's secret, under which both sides prove that they know the ticket. A proof holds in one channel only: it covers the
/// channel's exporter (RFC 8446 §7.5) and both identities, so that a man in the middle, who has two channels, can pass none on.
/// </summary>
internal sealed class TicketKey(ReadOnlySpan<byte> bytes)
{
    public const int Size = 32;
    public const int ProofSize = 32;

    private readonly byte[] _bytes = bytes.Length == Size ? bytes.ToArray() : throw new ArgumentException($"A ticket key has {Size} bytes.");

    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>HMAC-SHA256(key, purpose ‖ exporter ‖ joiner ‖ sponsor ‖ message).</summary>
    public void Prove(JoinPurpose purpose, in JoinBinding binding, ReadOnlySpan<byte> message, Span<byte> proof)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _bytes);
        Span<byte> id = stackalloc byte[NodeId.Size];
        hmac.AppendData(purpose is JoinPurpose.Join ? "coco join v1"u8 : "coco welcome v1"u8);
        hmac.AppendData(binding.Exporter.Span);
        binding.Joiner.CopyTo(id);
        hmac.AppendData(id);
        binding.Sponsor.CopyTo(id);
        hmac.AppendData(id);
        hmac.AppendData(message);
        hmac.GetHashAndReset(proof);
    }

    public bool Verify(JoinPurpose purpose, in JoinBinding binding, ReadOnlySpan<byte> message, ReadOnlySpan<byte> proof)
    {
        Span<byte> expected = stackalloc byte[ProofSize];
        Prove(purpose, binding, message, expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof);
    }
}
