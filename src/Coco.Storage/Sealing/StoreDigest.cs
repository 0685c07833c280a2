using System.Security.Cryptography;

namespace Coco.Storage.Sealing;

/// <summary>
/// Which rows there are, as one number: the exclusive or of a keyed hash of each, with their count (the multiset hash MSet-XOR-Hash of
/// Clarke, Devadas, van Dijk, Gassend, Suh, 2003). It changes with a row at the price of one hash, and since nobody sees
/// it in clear, nobody without the key can choose rows, or older versions of rows, that add up to it.
/// </summary>
internal sealed class StoreDigest
{
    public const int Size = SHA256.HashSizeInBytes;

    private readonly byte[] _sum = new byte[Size];

    public StoreDigest()
    {
    }

    public StoreDigest(ReadOnlySpan<byte> sum) => sum.CopyTo(_sum);

    public ReadOnlySpan<byte> Sum => _sum;

    /// <summary>Adds a row's hash, or takes it out.</summary>
    public void Toggle(ReadOnlySpan<byte> hash)
    {
        for (var i = 0; i < Size; i++) { _sum[i] ^= hash[i]; }
    }
}
