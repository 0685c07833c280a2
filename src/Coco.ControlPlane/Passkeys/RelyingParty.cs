using System.Security.Cryptography;
using System.Text;

namespace Coco.ControlPlane.Passkeys;

/// <summary>Checks what authenticators answer (WebAuthn §7.1, §7.2), but for what takes a database: whose a passkey is and whether a challenge was
/// answered before.</summary>
/// <param name="Id">The name that passkeys are bound to, a host.</param>
/// <param name="Origin">Where its pages are.</param>
internal sealed record RelyingParty(string Id, string Origin)
{
    /// <summary>Whether the authenticator has to have verified the person, by a finger or a number: a passkey is all that is asked.</summary>
    public bool RequiresVerification { get; init; } = true;

    /// <summary>Checks a new passkey (§7.1).</summary>
    /// <returns>What is wrong; null when nothing is, and then <paramref name="made"/> holds the passkey.</returns>
    public string? CheckRegistration(byte[] clientDataJson, byte[] attestationObject, ReadOnlySpan<byte> challenge, out AuthenticatorData? made)
    {
        made = null;
        if (CheckClientData(clientDataJson, "webauthn.create", challenge) is { } wrong) { return wrong; }
        if (!AttestationObject.TryRead(attestationObject, out var attestation)) { return "attestation"; }
        if (!AuthenticatorData.TryRead(attestation!.AuthenticatorData, out var data)) { return "authenticator data"; }
        if (CheckData(data!) is { } wrongData) { return wrongData; }
        if (data!.Key is null) { return "no key"; }
        if (attestation.Signature is { } signature && !data.Key.Verify([.. attestation.AuthenticatorData, .. SHA256.HashData(clientDataJson)], signature)) { return "attestation signature"; }
        made = data;
        return null;
    }

    /// <summary>Checks a sign-in (§7.2).</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? CheckAssertion(byte[] clientDataJson, byte[] authenticatorData, byte[] signature, CoseKey key, ReadOnlySpan<byte> challenge, out uint signCount)
    {
        signCount = 0;
        if (CheckClientData(clientDataJson, "webauthn.get", challenge) is { } wrong) { return wrong; }
        if (!AuthenticatorData.TryRead(authenticatorData, out var data)) { return "authenticator data"; }
        if (CheckData(data!) is { } wrongData) { return wrongData; }
        if (!key.Verify([.. authenticatorData, .. SHA256.HashData(clientDataJson)], signature)) { return "signature"; }
        signCount = data!.SignCount;
        return null;
    }

    private string? CheckClientData(byte[] json, string type, ReadOnlySpan<byte> challenge)
    {
        if (!ClientData.TryRead(json, out var data)) { return "client data"; }
        if (data!.Type != type) { return "type"; }
        if (!CryptographicOperations.FixedTimeEquals(data.Challenge, challenge)) { return "challenge"; }
        if (!string.Equals(data.Origin, Origin, StringComparison.Ordinal)) { return "origin"; }
        return data.IsCrossOrigin ? "in a frame of others" : null;
    }

    private string? CheckData(AuthenticatorData data)
    {
        if (!CryptographicOperations.FixedTimeEquals(data.RpIdHash, SHA256.HashData(Encoding.UTF8.GetBytes(Id)))) { return "relying party"; }
        if (!data.IsUserPresent) { return "nobody was present"; }
        return RequiresVerification && !data.IsUserVerified ? "nobody was verified" : null;
    }
}
