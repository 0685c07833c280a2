namespace Coco.ControlPlane.Certificates;

/// <summary>What a certificate authority says of itself (RFC 8555 §9.7.6).</summary>
internal sealed record AcmeDirectoryMeta(string? TermsOfService, bool ExternalAccountRequired);
