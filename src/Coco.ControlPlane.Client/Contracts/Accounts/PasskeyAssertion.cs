namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>A sign-in that an authenticator signed (WebAuthn §5.2.2). Bytes are base64url.</summary>
/// <param name="CredentialId">Which passkey.</param>
/// <param name="ClientDataJson">The response's <c>clientDataJSON</c>.</param>
/// <param name="AuthenticatorData">The response's <c>authenticatorData</c>.</param>
/// <param name="Signature">The response's <c>signature</c>.</param>
/// <param name="UserHandle">The response's <c>userHandle</c>, where there is one.</param>
public sealed record PasskeyAssertion(string CredentialId, string ClientDataJson, string AuthenticatorData, string Signature, string? UserHandle = null);
