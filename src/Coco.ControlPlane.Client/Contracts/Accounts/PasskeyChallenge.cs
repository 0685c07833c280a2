namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>What <c>navigator.credentials.get</c> needs (WebAuthn §5.5). User verification is required.</summary>
/// <param name="Challenge">The challenge in base64url, good once and for five minutes.</param>
/// <param name="RpId">The name that the passkeys are bound to.</param>
public sealed record PasskeyChallenge(string Challenge, string RpId);
