using System.Buffers.Text;
using System.Globalization;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Installs;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Usage;
using Coco.ControlPlane.Webhooks;
using Coco.Crypto;

namespace Coco.ControlPlane.Networks;

/// <summary>The table of nodes. What an operation costs does not depend on how many there are.</summary>
internal sealed class NetworkNodes(NetworkLogs logs, WebhookOutbox outbox, Pseudonyms pseudonyms, ControlPlaneSettings settings, TimeProvider time)
{
    public const int MaxExternalUser = 128;

    private const int Pieces = 8;
    private const string AllParts = "";

    /// <summary>Takes a node by its certificate; one that is here already by a later certificate.</summary>
    /// <param name="session">A session that writes.</param>
    /// <param name="caller">Who brings it.</param>
    /// <param name="network">Of which network.</param>
    /// <param name="request">The certificate, and what goes with it.</param>
    /// <param name="isItself">Whether the node is there itself, as its connection has proved.</param>
    /// <returns>The node, and whether it is new.</returns>
    public async Task<(NodeView Node, bool IsNew)> CreateAsync(Session session, Caller caller, NetworkId network, CreateNodeRequest request, bool isItself = false)
    {
        var certificate = NetworkText.Certificate(request.Certificate);
        var proof = isItself ? NodeProof.Connection : ProofOf(request.Information, certificate);
        var externalUser = ExternalUserOf(caller, request);
        var state = await logs.StateAsync(session, network);
        var verdict = state.Check(certificate, Now);
        if (verdict is not CertificateVerdict.Valid) { throw new ApiException(ProblemCode.StatementRefused, $"{verdict}: the certificate does not make its node a member of network {network}."); }

        var known = await FindAsync(session, network, certificate.Node);
        if (known is not null)
        {
            if (known.Certificate.Id == certificate.Id && known.ExternalUser == externalUser)
            {
                if (proof > NodeProof.None) { await RelayNodes.AddAsync(session, network.ToString(), certificate.Node, proof); }
                return (View(known, state), false);
            }
            if (known.ExternalUser != externalUser || certificate.Admission.Issued <= known.Certificate.Admission.Issued)
            {
                throw new ApiException(ProblemCode.Conflict, "This node is here already, by a certificate that is not older, or as another user's.");
            }
            await RemoveRowAsync(session, known); // relays serve it as before
        }
        else { await RequireRoomAsync(session, network); }
        await RelayNodes.AddAsync(session, network.ToString(), certificate.Node, proof);
        var row = new NodeRow(
            network, certificate.Node, state.NameOf(certificate), state.SubClusterOf(certificate).Name, certificate, externalUser, known?.Created ?? time.GetUtcNow(), (known?.Version ?? 0) + 1);
        Insert(session, row);
        if (known is null) { await RaiseAsync(session, row, "node.created"); }
        return (View(row, state), known is null);
    }

    /// <summary>A node that is here has come itself, as its connection has proved: it is served for this network, whoever else has it in the books.</summary>
    public async Task<bool> ComeAsync(Session session, NetworkId network, NodeId node)
    {
        if (await FindAsync(session, network, node) is not { } row || (await logs.StateAsync(session, network)).Check(row.Certificate, Now) is not CertificateVerdict.Valid) { return false; }
        await RelayNodes.AddAsync(session, network.ToString(), node, NodeProof.Connection);
        return true;
    }

    public static Task<NodeRow?> FindAsync(Session session, NetworkId network, NodeId node) =>
        session.FirstAsync($"SELECT * FROM network_nodes WHERE network = {network.ToString()} AND node = {node.ToString()}", Read);

    /// <summary>Lists nodes by their identities.</summary>
    /// <param name="session">The session.</param>
    /// <param name="network">Whose nodes.</param>
    /// <param name="condition">Which of them, beginning with AND.</param>
    /// <param name="cursor">Where to go on.</param>
    public async Task<Client.Contracts.Page<NodeView>> ListAsync(Session session, NetworkId network, SqlText condition, Cursor cursor)
    {
        var state = await logs.StateAsync(session, network);
        var rows = await session.QueryAsync(
            $"SELECT * FROM network_nodes WHERE network = {network.ToString()} AND node > {cursor.After} {condition} ORDER BY node LIMIT {cursor.Limit + 1L}", Read);
        return cursor.Page(rows, row => row.Node.ToString(), row => View(row, state));
    }

    /// <summary>Tells services that a node came or went.</summary>
    public Task RaiseAsync(Session session, NodeRow row, string type) =>
        outbox.RaiseAsync(session, new("", type, default, row.Network.ToString(), Anonymised: false, row.Node.ToString()), row.Certificate.Admission.App.Name);

    public static async Task RemoveAsync(Session session, NodeRow row)
    {
        await RelayNodes.RemoveAsync(session, row.Network.ToString(), row.Node);
        await RemoveRowAsync(session, row);
    }

    private static async Task RemoveRowAsync(Session session, NodeRow row)
    {
        await session.ExecuteAsync($"DELETE FROM network_nodes WHERE network = {row.Network.ToString()} AND node = {row.Node.ToString()}");
        Count(session, row, row.SubCluster, -1);
        Count(session, row, AllParts, -1);
    }

    /// <summary>Gives a node the name and the place that statements say.</summary>
    public static async Task FollowAsync(Session session, NodeRow row, NetworkState state)
    {
        var (name, subCluster) = (state.NameOf(row.Certificate), state.SubClusterOf(row.Certificate).Name);
        if (name == row.Name && subCluster == row.SubCluster) { return; }
        await session.ExecuteAsync(
            $"UPDATE network_nodes SET name = {name}, sub_cluster = {subCluster}, version = version + 1 WHERE network = {row.Network.ToString()} AND node = {row.Node.ToString()}");
        if (subCluster == row.SubCluster) { return; }
        Count(session, row, row.SubCluster, -1);
        Count(session, row, subCluster, 1);
    }

    public NodeView View(NodeRow row, NetworkState state)
    {
        var admission = row.Certificate.Admission;
        return new(
            row.Node.ToString(), row.Name, row.Certificate.User.ToString(), row.SubCluster, NetworkText.Camel(state.Check(row.Certificate, Now)),
            Base64Url.EncodeToString(row.Certificate.Encoded.Span), row.Created, row.Version, admission.IsDevice ? null : admission.App.Name, row.ExternalUser,
            NetworkText.Time(admission.Expires));
    }

    public static Task<List<SubClusterView>> CountsAsync(Session session, string network, Cursor cursor) => session.QueryAsync(
        $"""
        SELECT sub_cluster, CAST(SUM(nodes) AS BIGINT) AS count FROM network_counts WHERE network = {network} AND sub_cluster > {cursor.After}
        GROUP BY sub_cluster HAVING SUM(nodes) > 0 ORDER BY sub_cluster LIMIT {cursor.Limit + 1L}
        """,
        row => new SubClusterView(row.Text("sub_cluster"), row.Long("count")));

    /// <summary>How many nodes a network has here.</summary>
    public static async Task<long> CountAsync(Session session, string network) =>
        await session.NumberAsync($"SELECT SUM(nodes) FROM network_counts WHERE network = {network} AND sub_cluster = {AllParts}") ?? 0;

    private ulong Now => (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds());

    private static string? ExternalUserOf(Caller caller, CreateNodeRequest request)
    {
        var named = request.ExternalUserId;
        if (named is not null && (named.Length is 0 or > MaxExternalUser || named.Any(char.IsControl)))
        {
            throw new ApiException(ProblemCode.Invalid, $"externalUserId has 1 to {MaxExternalUser} characters, none of them a control character.");
        }
        if (caller.Kind is not CallerKind.ExternalUser) { return named; }
        return named is null || named == caller.ExternalUserId ? caller.ExternalUserId : throw new ApiException(ProblemCode.Forbidden, "The token is another user's.");
    }

    private static NodeProof ProofOf(string? text, NodeCertificate certificate)
    {
        if (text is null) { return NodeProof.None; }
        return text.Length <= 2 * NodeInformation.MaxLength && NodeInformation.TryImport(text, out var information) && information.Node == certificate.Node && information.Network == certificate.Network
            ? NodeProof.Information
            : throw new ApiException(ProblemCode.Invalid, "information is not what the certificate's node exported for this network. Leave it out, or take the text that begins with coconode1.");
    }

    private async Task RequireRoomAsync(Session session, NetworkId network)
    {
        var most = Math.Min(settings.Networks.MaxNodes, (await UsagePart.PlanOfAsync(session, network.ToString(), settings)).Plan.Nodes);
        if (await CountAsync(session, network.ToString()) >= most) { throw new ApiException(ProblemCode.PlanExceeded, $"The network's plan has room for {most.ToString(CultureInfo.InvariantCulture)} nodes."); }
    }

    private void Insert(Session session, NodeRow row)
    {
        var admission = row.Certificate.Admission;
        var install = pseudonyms.OfInstall(admission.App.Name, row.Network.ToString(), row.Node.ToString());
        session.ExecuteLater(
            $"""
            INSERT INTO network_nodes (network, node, name, user_id, app, sub_cluster, certificate, external_user, install, created, version)
            VALUES ({row.Network.ToString()}, {row.Node.ToString()}, {row.Name}, {row.Certificate.User.ToString()}, {admission.App.Name}, {row.SubCluster},
                    {row.Certificate.Encoded.ToArray()}, {row.ExternalUser}, {install}, {row.Created}, {row.Version})
            """);
        Count(session, row, row.SubCluster, 1);
        Count(session, row, AllParts, 1);
    }

    private static void Count(Session session, NodeRow row, string subCluster, long change)
    {
        Span<byte> key = stackalloc byte[NodeId.Size];
        row.Node.CopyTo(key);
        var piece = (long)(key[0] % Pieces);
        session.ExecuteLater(
            $"""
            INSERT INTO network_counts (network, sub_cluster, piece, nodes) VALUES ({row.Network.ToString()}, {subCluster}, {piece}, {change})
            ON CONFLICT (network, sub_cluster, piece) DO UPDATE SET nodes = network_counts.nodes + {change}
            """);
    }

    private static NodeRow Read(Row row) => new(
        NetworkText.Network(row.Text("network")), NetworkText.Node(row.Text("node")), row.Text("name"), row.Text("sub_cluster"),
        NodeCertificate.Read(row.Bytes("certificate")) ?? throw new InvalidOperationException("A certificate in the database is none."),
        row.TextOrNull("external_user"), row.Time("created"), row.Long("version"));
}
