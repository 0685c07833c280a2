namespace Coco.ControlPlane.Certificates;

/// <summary>A name that a certificate is for (RFC 8555 §9.7.7).</summary>
internal sealed record AcmeIdentifier(string Type, string Value);
