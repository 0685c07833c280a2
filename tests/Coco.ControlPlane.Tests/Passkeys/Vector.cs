namespace Coco.ControlPlane.Tests.Passkeys;

/// <summary>A registration and a sign-in, in hexadecimal.</summary>
internal sealed record Vector(string Challenge, string ClientData, string Attestation, string SignInChallenge, string AuthenticatorData, string SignInClientData, string Signature);
