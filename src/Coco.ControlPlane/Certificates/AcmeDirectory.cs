namespace Coco.ControlPlane.Certificates;

/// <summary>Where a certificate authority takes what (RFC 8555 §7.1.1).</summary>
internal sealed record AcmeDirectory(string NewNonce, string NewAccount, string NewOrder, AcmeDirectoryMeta? Meta);
