namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>A passkey that an authenticator made (WebAuthn §5.2.1). Bytes are base64url.</summary>
/// <param name="Name">How the person calls it, 1 to 64 characters.</param>
/// <param name="ClientDataJson">The response's <c>clientDataJSON</c>.</param>
/// <param name="AttestationObject">The response's <c>attestationObject</c>.</param>
public sealed record PasskeyRegistration(string Name, string ClientDataJson, string AttestationObject);
