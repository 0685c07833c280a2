namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A statement of a network.</summary>
/// <param name="Number">When it came, counted from 1.</param>
/// <param name="Statement">Its bytes, base64url.</param>
public sealed record StatementView(long Number, string Statement);
