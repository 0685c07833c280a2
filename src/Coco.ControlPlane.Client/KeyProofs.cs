using System.Buffers.Text;
using System.Text;
using Coco.Cluster;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Client;

/// <summary>
/// Shows a control plane that the caller holds a user's key:
/// <code>
/// Ed25519( key of the user, "coco control plane proof v1" ‖ network (32) ‖ user (32) ‖ origin ‖ 0 ‖ subject ‖ 0 ‖ challenge )
/// </code>
/// The origin is the control plane's, as the caller reached it: one control plane cannot pass a proof on to another. The subject is the caller's
/// name there: nobody can use it but who asked for the challenge.
/// </summary>
internal static class KeyProofs
{
    private static ReadOnlySpan<byte> Domain => "coco control plane proof v1"u8;

    public static KeyProof Sign(IdentityKey user, NetworkId network, string origin, ChallengeView challenge)
    {
        var signature = new byte[IdentityKey.SignatureSize];
        user.Sign(Bytes(network, new(user.Id), origin, challenge.Subject, challenge.Challenge), signature);
        return new(user.Id.ToString(), challenge.Challenge, Base64Url.EncodeToString(signature));
    }

    public static bool Verify(UserId user, NetworkId network, string origin, string subject, string challenge, ReadOnlySpan<byte> signature) =>
        signature.Length == IdentityKey.SignatureSize && user.Key.Verify(Bytes(network, user, origin, subject, challenge), signature);

    /// <summary>Scheme, host and port, as browsers write an origin (RFC 6454 §6.2).</summary>
    public static string OriginOf(Uri address) => address.GetLeftPart(UriPartial.Authority).ToLowerInvariant();

    private static byte[] Bytes(NetworkId network, UserId user, string origin, string subject, string challenge)
    {
        Span<byte> keys = stackalloc byte[NetworkId.Size + UserId.Size];
        network.Key.CopyTo(keys);
        user.Key.CopyTo(keys[NetworkId.Size..]);
        return [.. Domain, .. keys, .. Encoding.UTF8.GetBytes($"{origin}\0{subject}\0{challenge}")];
    }
}
