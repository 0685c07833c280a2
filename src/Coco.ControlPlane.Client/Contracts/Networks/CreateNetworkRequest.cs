namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A network that begins here: an app's is a developer network, a person's a user network.</summary>
/// <param name="Statements">Its first statements, the root's before the others, base64url. At most 64.</param>
/// <param name="Proof">Shows that the caller holds the owner's key.</param>
public sealed record CreateNetworkRequest(IReadOnlyList<string>? Statements = null, KeyProof? Proof = null);
