namespace Coco.ControlPlane.Certificates;

/// <summary>Whether a name was shown to be ours (RFC 8555 §7.1.4).</summary>
internal sealed record AcmeAuthorization(string Status, AcmeIdentifier Identifier, AcmeChallenge[]? Challenges);
