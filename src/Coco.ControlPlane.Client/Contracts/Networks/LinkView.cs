namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>Which user of a network the caller is.</summary>
/// <param name="Network">The network.</param>
/// <param name="User">The user's key.</param>
/// <param name="Role">The user's role there now.</param>
public sealed record LinkView(string Network, string User, string Role);
