using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>What callers are in networks, as the tables say.</summary>
internal sealed class NetworkRoles(Database database) : INetworkRoles
{
    public async Task<NetworkRole> RoleOfAsync(Caller caller, string network, CancellationToken cancellationToken) => caller.Kind switch
    {
        CallerKind.Account or CallerKind.Delegated => await database.ReadAsync(session => RoleOfPersonAsync(session, caller.AccountId!, network), cancellationToken),
        CallerKind.App => await database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM networks WHERE id = {network} AND owner_app = {caller.AppId}"), cancellationToken)
            ? NetworkRole.Owner
            : NetworkRole.None,
        _ => NetworkRole.None,
    };

    public Task<bool> OwnsAppAsync(Caller caller, string app, CancellationToken cancellationToken) => caller.Kind switch
    {
        CallerKind.App => Task.FromResult(caller.AppId == app),
        CallerKind.Account or CallerKind.Delegated =>
            database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM apps WHERE id = {app} AND owner_account = {caller.AccountId}"), cancellationToken),
        _ => Task.FromResult(false),
    };

    public async Task<bool> IsExternalUserAsync(Caller caller, string network, CancellationToken cancellationToken) =>
        caller is { Kind: CallerKind.ExternalUser, ExternalUserId: not null } && caller.Scopes.Contains(ScopeOf(network))
        && await database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM networks WHERE id = {network} AND owner_app = {caller.AppId}"), cancellationToken);

    /// <summary>How the token of a developer's own user names a network that it is for.</summary>
    public static string ScopeOf(string network) => "network:" + network;

    private static async Task<NetworkRole> RoleOfPersonAsync(Session session, string account, string network)
    {
        if (await session.AnyAsync($"SELECT 1 FROM networks WHERE id = {network} AND owner_account = {account}")) { return NetworkRole.Owner; }
        var role = await session.FirstAsync($"SELECT role FROM network_people WHERE network = {network} AND account = {account}", row => row.Text("role"));
        return role is null ? NetworkRole.None : Enum.Parse<NetworkRole>(role);
    }
}
