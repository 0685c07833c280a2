namespace Coco.ControlPlane.Api;

/// <summary>Knows what a caller is in a network, and whose an app is.</summary>
internal interface INetworkRoles
{
    /// <summary>The caller's role; none where there is no such network.</summary>
    public Task<NetworkRole> RoleOfAsync(Caller caller, string network, CancellationToken cancellationToken);

    /// <summary>Whether the caller is one of a developer's own users, and its token names this network of the developer's.</summary>
    public Task<bool> IsExternalUserAsync(Caller caller, string network, CancellationToken cancellationToken);

    /// <summary>Whether the caller is the app, or the person who registered it.</summary>
    public Task<bool> OwnsAppAsync(Caller caller, string app, CancellationToken cancellationToken);
}
