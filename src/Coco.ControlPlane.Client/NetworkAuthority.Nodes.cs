using System.Buffers.Text;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.ControlPlane.Client;

/// <content>Nodes: admitted, renamed, moved, removed.</content>
public sealed partial class NetworkAuthority
{
    /// <summary>Admits a node that exported information of itself (<see cref="NodeExport"/>).</summary>
    /// <param name="information">The text it exported, which begins with coconode1.</param>
    /// <param name="terms">What it is admitted as; by default into the part of its app, for ever.</param>
    /// <param name="cancellationToken">Ends the wait; the node may be admitted then.</param>
    public async Task<CertifiedNode> CertifyAsync(string information, NodeTerms? terms = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(information);
        terms ??= new();
        if (!NodeInformation.TryImport(information, out var node) || node.Network != Network)
        {
            throw new ControlPlaneException(ControlPlaneError.Invalid, "This is no information of a node that wants to be in this network, or not all of it. It begins with coconode1.");
        }
        await SynchroniseAsync(cancellationToken).ConfigureAwait(false);
        var (certificate, admission) = Admit(node, terms);
        var view = await _client.CreateNodeAsync(Network, new(Base64Url.EncodeToString(certificate.Encoded.Span), terms.ExternalUserId, information), cancellationToken).ConfigureAwait(false);
        return new(view, admission);
    }

    /// <summary>Removes a node for good.</summary>
    /// <returns>The statement that says so.</returns>
    public Task<StatementId> DestroyAsync(NodeId node, CancellationToken cancellationToken = default) => StateAsync(
        new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(node), default, Keep.None),
        (statement, token) => _client.DestroyNodeAsync(Network, node, statement, token), cancellationToken);

    /// <summary>Calls a node something else.</summary>
    public Task<StatementId> RenameAsync(NodeId node, string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return StateAsync(new StatementBody.Rename(node, name), (statement, token) => _client.RenameNodeAsync(Network, node, statement, token), cancellationToken);
    }

    /// <summary>Moves a node to another sub-cluster.</summary>
    public Task<StatementId> MoveAsync(NodeId node, SubClusterId subCluster, CancellationToken cancellationToken = default) => subCluster.IsDefault
        ? throw new ArgumentException("A node belongs to a sub-cluster.", nameof(subCluster))
        : StateAsync(new StatementBody.MoveNode(node, subCluster), (statement, token) => _client.MoveNodeAsync(Network, node, statement, token), cancellationToken);

    private (NodeCertificate Certificate, string Admission) Admit(NodeInformation node, NodeTerms terms)
    {
        lock (_reading)
        {
            var certificate = Certify(node, terms);
            return (certificate, AdmissionOf(certificate, terms));
        }
    }

    private NodeCertificate Certify(NodeInformation node, NodeTerms terms)
    {
        var (wish, state) = (node.Wish, _log.State);
        var made = state.Facts.Delegates.Values.FirstOrDefault(made => made.Key == _key.Id && made.Closed is null);
        var authority = state.AuthorityOf(User) ?? made?.Id ?? throw new ControlPlaneException(ControlPlaneError.Forbidden, "This key may admit nobody: it is neither owner's, nor an admin's, nor delegated.");
        var home = wish.IsDevice || wish.IsGateway ? SubClusterId.Core : new(wish.App.Name);
        var subCluster = !terms.SubCluster.IsDefault ? terms.SubCluster : made is { SubCluster.IsDefault: false } ? made.SubCluster : home;
        var expires = terms.Expires is { } end ? (ulong)Math.Max(1, end.ToUnixTimeSeconds()) : made?.Until ?? 0;
        try
        {
            return NodeCertificate.Sign(_key, authority, new()
            {
                Network = Network, Node = node.Node, Name = wish.Name, User = wish.User, App = wish.App, IsGateway = wish.IsGateway, SubCluster = subCluster,
                Tags = [.. terms.Tags], Issued = Now, Expires = expires, Consent = wish.UserSignature,
            });
        }
        catch (ArgumentException exception) { throw new ControlPlaneException(ControlPlaneError.Invalid, exception.Message, exception); }
    }

    private string AdmissionOf(NodeCertificate certificate, NodeTerms terms)
    {
        var records = terms.Contacts.Take(AdmissionInformation.MaxAddressRecords)
            .Select(static text => NodeInformation.TryImport(text, out var contact) ? contact.Addresses : null).OfType<Traversal.Records.AddressRecord>();
        var statements = _log.CollectMissing([], [], int.MaxValue).Select(static statement => statement.Encoded);
        return new AdmissionInformation(Network, certificate.Node, certificate.Encoded, [.. statements], [.. records.Select(static record => record.Encoded)]).Export();
    }
}
