namespace Coco.ControlPlane.Certificates;

/// <summary>A way to show it (RFC 8555 §7.1.5).</summary>
internal sealed record AcmeChallenge(string Type, string Url, string Status, string? Token, AcmeProblem? Error);
