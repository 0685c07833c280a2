namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>Signed statements for a network: all of them are taken, or none.</summary>
/// <param name="Statements">The statements, base64url, each after what it depends on. From 1 to 64.</param>
public sealed record AddStatementsRequest(IReadOnlyList<string>? Statements = null);
