namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A node of a network.</summary>
/// <param name="Certificate">The certificate that admits it, base64url.</param>
/// <param name="ExternalUserId">For developer networks: the developer's own name for whose node it is, at most 128 characters.</param>
public sealed record CreateNodeRequest(string? Certificate = null, string? ExternalUserId = null);
