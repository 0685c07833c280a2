namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>What <c>navigator.credentials.create</c> needs (WebAuthn §5.4). Bytes are base64url. Attestation is <c>none</c>, a resident key and user
/// verification are required.</summary>
/// <param name="Challenge">The challenge, good once and for five minutes.</param>
/// <param name="RpId">The name that the passkey will be bound to.</param>
/// <param name="UserId">The person, for the authenticator.</param>
/// <param name="UserName">The person, for people.</param>
/// <param name="Algorithms">Algorithms that are known here, the preferred first (COSE).</param>
/// <param name="Exclude">Passkeys that the person has already.</param>
public sealed record PasskeyCreation(string Challenge, string RpId, string UserId, string UserName, IReadOnlyList<int> Algorithms, IReadOnlyList<string> Exclude)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(PasskeyCreation);
}
