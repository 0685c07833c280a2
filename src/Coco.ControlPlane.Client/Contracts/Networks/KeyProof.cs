namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>Shows that the caller holds a user's key of a network.</summary>
/// <param name="User">The key, 52 characters.</param>
/// <param name="Challenge">The challenge that was answered.</param>
/// <param name="Signature">The signature, base64url.</param>
public sealed record KeyProof(string User, string Challenge, string Signature);
