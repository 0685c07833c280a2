using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.ControlPlane.Passkeys;

/// <summary>A passkey's public key (RFC 9052 §7, RFC 9053 §7): P-256 as X and Y, or Ed25519.</summary>
internal sealed record CoseKey(int Algorithm, byte[] Bytes)
{
    /// <summary>ECDSA with SHA-256, on P-256 (WebAuthn §5.8.5).</summary>
    public const int ES256 = -7;

    /// <summary>Ed25519.</summary>
    public const int EdDSA = -8;

    private const int CoordinateSize = 32;

    // Labels of RFC 9052 §7.1 and RFC 9053 §7.1, §7.2.
    private const long Type = 1;
    private const long Alg = 3;
    private const long Curve = -1;
    private const long X = -2;
    private const long Y = -3;

    public static bool TryRead(ref CborReader reader, out CoseKey? key)
    {
        key = null;
        if (!reader.TryReadMap(out var count) || count > 16) { return false; }
        var (numbers, x, y) = (new Dictionary<long, long>(), Array.Empty<byte>(), Array.Empty<byte>());
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadInteger(out var label)) { return false; }
            if (label is X or Y)
            {
                if (!reader.TryReadBytes(out var bytes) || bytes.Length != CoordinateSize || (label is X ? x : y).Length > 0) { return false; }
                if (label is X) { x = bytes.ToArray(); }
                else { y = bytes.ToArray(); }
            }
            else if (!reader.TryReadInteger(out var number) || !numbers.TryAdd(label, number))
            {
                return false; // these keys have integers only besides
            }
        }
        var kind = (numbers.GetValueOrDefault(Type), numbers.GetValueOrDefault(Alg), numbers.GetValueOrDefault(Curve));
        if (kind == (2, ES256, 1) && x.Length > 0 && y.Length > 0) { key = new(ES256, [.. x, .. y]); }
        else if (kind == (1, EdDSA, 6) && x.Length > 0 && y.Length == 0) { key = new(EdDSA, x); }
        return key is not null && key.IsOnCurve();
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (Algorithm == EdDSA) { return signature.Length == IdentityKey.SignatureSize && NodeId.Read(Bytes).Verify(message, signature); }
        using var key = Import();
        return key is not null && key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool IsOnCurve()
    {
        if (Algorithm == EdDSA) { return true; } // shows with the first signature
        using var key = Import();
        return key is not null;
    }

    private ECDsa? Import()
    {
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Bytes[..CoordinateSize], Y = Bytes[CoordinateSize..] } });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
