namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A change, as somebody in office signed it.</summary>
/// <param name="Statement">The statement, base64url.</param>
public sealed record SignedRequest(string? Statement = null);
