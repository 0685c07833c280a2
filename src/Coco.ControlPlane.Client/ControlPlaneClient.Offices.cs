using System.Buffers.Text;
using Coco.Cluster;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;

namespace Coco.ControlPlane.Client;

/// <content>Roles, delegated keys, access to resources, and policy.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Lists users with a role.</summary>
    public Task<Page<RoleView>> ListRolesAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/roles{QueryOf(cursor)}", ClientJson.Default.PageRoleView, cancellationToken);

    /// <summary>Gives a user a role, by a signed statement.</summary>
    public Task<ChangeView> GrantRoleAsync(NetworkId network, UserId user, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync($"{PathOf(network)}/roles/{user}", statement, cancellationToken);

    /// <summary>Removes a user with all nodes, or a role, by a signed revocation.</summary>
    public Task<ChangeView> RevokeRoleAsync(NetworkId network, UserId user, ReadOnlyMemory<byte> revocation, CancellationToken cancellationToken = default) =>
        DeleteAsync($"{PathOf(network)}/roles/{user}", revocation, cancellationToken);

    /// <summary>Lists keys that may admit nodes.</summary>
    public Task<Page<DelegateView>> ListDelegatesAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/delegates{QueryOf(cursor)}", ClientJson.Default.PageDelegateView, cancellationToken);

    /// <summary>Lets a key admit nodes, by a signed statement.</summary>
    public Task<ChangeView> CreateDelegateAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PostAsync(PathOf(network) + "/delegates", statement, cancellationToken);

    /// <summary>Takes a delegation back, by a signed revocation.</summary>
    public Task<ChangeView> RevokeDelegateAsync(NetworkId network, StatementId made, ReadOnlyMemory<byte> revocation, CancellationToken cancellationToken = default) =>
        DeleteAsync($"{PathOf(network)}/delegates/{NameOf(made)}", revocation, cancellationToken);

    /// <summary>Lists access to resources.</summary>
    public Task<Page<GrantView>> ListGrantsAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/grants{QueryOf(cursor)}", ClientJson.Default.PageGrantView, cancellationToken);

    /// <summary>Grants access to resources, by a signed statement.</summary>
    public Task<ChangeView> CreateGrantAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PostAsync(PathOf(network) + "/grants", statement, cancellationToken);

    /// <summary>Takes access back, by a signed revocation.</summary>
    public Task<ChangeView> RevokeGrantAsync(NetworkId network, StatementId grant, ReadOnlyMemory<byte> revocation, CancellationToken cancellationToken = default) =>
        DeleteAsync($"{PathOf(network)}/grants/{NameOf(grant)}", revocation, cancellationToken);

    /// <summary>Shows who may use which services and topics of whom.</summary>
    public Task<PolicyView> GetPolicyAsync(NetworkId network, CancellationToken cancellationToken = default) =>
        GetAsync(PathOf(network) + "/policy", ClientJson.Default.PolicyView, cancellationToken);

    /// <summary>Sets the policy, by a signed statement.</summary>
    public Task<ChangeView> PutPolicyAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network) + "/policy", statement, cancellationToken);

    /// <summary>Shows what the network is called and like, and whose it is.</summary>
    public Task<SettingsView> GetSettingsAsync(NetworkId network, CancellationToken cancellationToken = default) =>
        GetAsync(PathOf(network) + "/settings", ClientJson.Default.SettingsView, cancellationToken);

    /// <summary>Sets the network's name and settings, by a signed statement.</summary>
    public Task<ChangeView> PutSettingsAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network) + "/settings", statement, cancellationToken);

    /// <summary>Lists the control planes that the network's members use.</summary>
    public Task<Page<ControlPlaneView>> ListControlPlanesAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/control-planes{QueryOf(cursor)}", ClientJson.Default.PageControlPlaneView, cancellationToken);

    /// <summary>Sets which control planes the members use, by a signed statement.</summary>
    public Task<ChangeView> PutControlPlanesAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network) + "/control-planes", statement, cancellationToken);

    /// <summary>Hands the network over, by a statement that the owner has signed and the new owner agreed to.</summary>
    public Task<ChangeView> TransferOwnershipAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network) + "/owner", statement, cancellationToken);

    /// <summary>Names another recovery key, or none, by a signed statement.</summary>
    public Task<ChangeView> SetRecoveryKeyAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network) + "/recovery-key", statement, cancellationToken);

    /// <summary>Names another owner, by a statement that the recovery key has signed. For any caller that has a token.</summary>
    public Task<ChangeView> RecoverOwnershipAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PostAsync(PathOf(network) + "/recoveries", statement, cancellationToken);

    private Task<ChangeView> DeleteAsync(string path, ReadOnlyMemory<byte> revocation, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, null, ("Coco-Statement", Base64Url.EncodeToString(revocation.Span)), ClientJson.Default.ChangeView, cancellationToken);

    private static string NameOf(StatementId id)
    {
        Span<byte> bytes = stackalloc byte[StatementId.Size];
        id.CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
