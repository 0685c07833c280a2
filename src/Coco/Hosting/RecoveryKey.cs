using System.Security.Cryptography;
using Coco.Cluster.Invitations;
using Coco.Crypto;

namespace Coco.Hosting;

/// <summary>A recovery key as text: "cocorecovery1" ‖ base32( seed 32 ‖ checksum 4 ), as tickets are written.</summary>
internal static class RecoveryKey
{
    private const string Prefix = "cocorecovery1";

    public static string Write(IdentityKey key)
    {
        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize];
        key.CopySeedTo(seed);
        var text = ArmouredText.Write(Prefix, seed);
        CryptographicOperations.ZeroMemory(seed);
        return text;
    }

    public static IdentityKey Read(string text)
    {
        if (!ArmouredText.TryRead(Prefix, text, IdentityKey.SeedSize, out var seed) || seed.Length != IdentityKey.SeedSize)
        {
            throw new CocoException(CocoError.InvalidText, "This is no recovery key, or not all of it. It begins with cocorecovery1; copy it again.");
        }
        var key = IdentityKey.FromSeed(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }
}
