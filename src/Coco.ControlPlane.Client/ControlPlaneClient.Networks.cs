using System.Buffers.Text;
using Coco.Cluster;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Client;

/// <content>Networks, what is signed in them, and their nodes.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Gets a challenge, whose answer shows that the caller holds a user's key.</summary>
    public Task<ChallengeView> CreateChallengeAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "/v1/challenges", null, null, ClientJson.Default.ChallengeView, cancellationToken);

    /// <summary>Brings a network here by its first signed statements.</summary>
    public Task<NetworkView> CreateNetworkAsync(CreateNetworkRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, "/v1/networks", request, ClientJson.Default.CreateNetworkRequest, ClientJson.Default.NetworkView, cancellationToken);

    /// <summary>Lists the caller's networks.</summary>
    /// <param name="cursor">Where to go on; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<Page<NetworkView>> ListNetworksAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync("/v1/networks" + QueryOf(cursor), ClientJson.Default.PageNetworkView, cancellationToken);

    /// <summary>Shows a network.</summary>
    public Task<NetworkView> GetNetworkAsync(NetworkId network, CancellationToken cancellationToken = default) => GetAsync(PathOf(network), ClientJson.Default.NetworkView, cancellationToken);

    /// <summary>Removes a network from the control plane. It goes on without.</summary>
    public Task DeleteNetworkAsync(NetworkId network, CancellationToken cancellationToken = default) => SendAsync(HttpMethod.Delete, PathOf(network), null, null, cancellationToken);

    /// <summary>Lists what was signed in the network, in the order of arrival.</summary>
    public Task<Page<StatementView>> ListStatementsAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/statements{QueryOf(cursor, ("limit", "200"))}", ClientJson.Default.PageStatementView, cancellationToken);

    /// <summary>Adds signed statements, all or none.</summary>
    public Task<ChangeView> AddStatementsAsync(NetworkId network, AddStatementsRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, PathOf(network) + "/statements", request, ClientJson.Default.AddStatementsRequest, ClientJson.Default.ChangeView, cancellationToken);

    /// <summary>Shows which user of a network the caller is, by that user's key; the caller has the user's role from then on.</summary>
    public async Task<LinkView> LinkUserAsync(NetworkId network, IdentityKey user, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        var proof = KeyProofs.Sign(user, network, Origin, await CreateChallengeAsync(cancellationToken).ConfigureAwait(false));
        return await SendJsonAsync(HttpMethod.Post, PathOf(network) + "/links", proof, ClientJson.Default.KeyProof, ClientJson.Default.LinkView, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a node known by the certificate that admits it.</summary>
    public Task<NodeView> CreateNodeAsync(NetworkId network, CreateNodeRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, PathOf(network) + "/nodes", request, ClientJson.Default.CreateNodeRequest, ClientJson.Default.NodeView, cancellationToken);

    /// <summary>Lists nodes.</summary>
    /// <param name="network">Whose nodes.</param>
    /// <param name="filter">Which of them; null for all.</param>
    /// <param name="cursor">Where to go on; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<Page<NodeView>> ListNodesAsync(NetworkId network, NodeFilter? filter = null, string? cursor = null, CancellationToken cancellationToken = default) => GetAsync(
        $"{PathOf(network)}/nodes{QueryOf(cursor, ("subCluster", filter?.SubCluster), ("user", filter?.User), ("name", filter?.Name), ("externalUserId", filter?.ExternalUserId))}",
        ClientJson.Default.PageNodeView, cancellationToken);

    /// <summary>Shows a node.</summary>
    public Task<NodeView> GetNodeAsync(NetworkId network, NodeId node, CancellationToken cancellationToken = default) =>
        GetAsync(PathOf(network, node), ClientJson.Default.NodeView, cancellationToken);

    /// <summary>Removes a node for good.</summary>
    /// <param name="network">Its network.</param>
    /// <param name="node">The node.</param>
    /// <param name="revocation">The signed revocation.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<ChangeView> DestroyNodeAsync(NetworkId network, NodeId node, ReadOnlyMemory<byte> revocation, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, PathOf(network, node), null, ("Coco-Statement", Base64Url.EncodeToString(revocation.Span)), ClientJson.Default.ChangeView, cancellationToken);

    /// <summary>Calls a node something else, by a signed statement.</summary>
    public Task<ChangeView> RenameNodeAsync(NetworkId network, NodeId node, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network, node) + "/name", statement, cancellationToken);

    /// <summary>Moves a node to another sub-cluster, by a signed statement.</summary>
    public Task<ChangeView> MoveNodeAsync(NetworkId network, NodeId node, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PutAsync(PathOf(network, node) + "/sub-cluster", statement, cancellationToken);

    /// <summary>Removes a node or a user, or takes back what was granted, by a signed revocation.</summary>
    public Task<ChangeView> AddRevocationAsync(NetworkId network, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken = default) =>
        PostAsync(PathOf(network) + "/revocations", statement, cancellationToken);

    /// <summary>Lists the parts of the network and how many nodes each has.</summary>
    public Task<Page<SubClusterView>> ListSubClustersAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/sub-clusters{QueryOf(cursor)}", ClientJson.Default.PageSubClusterView, cancellationToken);

    private Task<ChangeView> PutAsync(string path, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken) => SignedAsync(HttpMethod.Put, path, statement, cancellationToken);

    private Task<ChangeView> PostAsync(string path, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken) => SignedAsync(HttpMethod.Post, path, statement, cancellationToken);

    private Task<ChangeView> SignedAsync(HttpMethod method, string path, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken) =>
        SendJsonAsync(method, path, new SignedRequest(Base64Url.EncodeToString(statement.Span)), ClientJson.Default.SignedRequest, ClientJson.Default.ChangeView, cancellationToken);

    private static string PathOf(NetworkId network) => "/v1/networks/" + network;

    private static string PathOf(NetworkId network, NodeId node) => $"/v1/networks/{network}/nodes/{node}";
}
