namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A node of a network.</summary>
/// <param name="Id">Its identity, 52 characters.</param>
/// <param name="Name">What it is called now.</param>
/// <param name="User">Whose it is.</param>
/// <param name="SubCluster">Where it belongs now.</param>
/// <param name="Status"><c>valid</c>, or why it is no member now: <c>expired</c>, <c>officeClosed</c>, <c>userRevoked</c> and so on.</param>
/// <param name="Certificate">The certificate that admits it, base64url.</param>
/// <param name="Created">Since when it is here.</param>
/// <param name="Version">Changes with it.</param>
/// <param name="App">The app it runs; null for a device.</param>
/// <param name="ExternalUserId">The developer's own name for whose node it is; null where none was given.</param>
/// <param name="Expires">When the certificate ends; null for never.</param>
public sealed record NodeView(
    string Id, string Name, string User, string SubCluster, string Status, string Certificate, DateTimeOffset Created, long Version,
    string? App = null, string? ExternalUserId = null, DateTimeOffset? Expires = null);
