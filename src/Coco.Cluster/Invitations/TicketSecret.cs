using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>What makes a ticket worth having: 16 random bytes. Its name and its key are hashes of it.</summary>
internal sealed class TicketSecret
{
    public const int Size = 16;

    private readonly byte[] _bytes;

    public TicketSecret(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        _bytes = bytes.ToArray();
    }

    public static TicketSecret Generate(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Size];
        random.Fill(bytes);
        return new(bytes);
    }

    public TicketId Id => TicketId.Read(Hash("coco ticket id v1"u8));

    /// <summary>What the sponsor keeps: it proves and checks, and does not give the ticket back.</summary>
    public TicketKey DeriveKey() => new(Hash("coco ticket key v1"u8));

    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    private byte[] Hash(ReadOnlySpan<byte> purpose) => SHA256.HashData([.. purpose, .. _bytes]);
}
