using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>Operations on nodes.</summary>
internal static class NodeOperations
{
    /// <summary>The signed revocation of a DELETE, which has no body that everybody passes on (RFC 9110 §9.3.5).</summary>
    public const string StatementHeader = "Coco-Statement";

    public static void Map(ApiRoutes routes)
    {
        routes.Map<NodeView>(Api.Operations.CreateNode, 201, 200, CreateAsync);
        routes.Map<Page<NodeView>>(Api.Operations.ListNodes, 200, ListAsync);
        routes.Map<NodeView>(Api.Operations.GetNode, 200, GetAsync);
        routes.Map<ChangeView>(Api.Operations.DestroyNode, 200, DestroyAsync);
        routes.Map<ChangeView>(Api.Operations.RenameNode, 200, RenameAsync);
        routes.Map<ChangeView>(Api.Operations.MoveNode, 200, MoveAsync);
        routes.Map<ChangeView>(Api.Operations.AddRevocation, 200, RevokeAsync);
        routes.Map<Page<SubClusterView>>(Api.Operations.ListSubClusters, 200, ListSubClustersAsync);
    }

    // Each reads how many nodes there are and adds one: any two of a network at once would meet.
    private static Task<IResult> CreateAsync(string network, CreateNodeRequest request, Caller caller, ApiWriter writer, NetworkNodes nodes) => writer.WriteAsync(
        async session =>
        {
            var (node, isNew) = await nodes.CreateAsync(session, caller, NetworkText.Network(network), request);
            return isNew ? Answer.Created($"/v1/networks/{network}/nodes/{node.Id}", node, node.Version) : Answer.Ok(node, node.Version);
        },
        lane: network);

    private static async Task<Answer> ListAsync(
        string network, string? subCluster, string? user, string? name, string? externalUserId, Caller caller, Cursor cursor, Database database, NetworkNodes nodes, HttpContext context)
    {
        if (caller.ExternalUserId is { } only)
        {
            if (externalUserId is not null && externalUserId != only) { throw ApiException.NotFound("user"); }
            externalUserId = only;
        }
        // One index serves one condition; several would be a scan.
        if (new[] { subCluster, user, name, externalUserId }.Count(filter => filter is not null) > 1)
        {
            throw new ApiException(ProblemCode.Invalid, "Name one of subCluster, user, name and externalUserId.");
        }
        var condition = Condition(subCluster, user, name, externalUserId);
        return Answer.Ok(await database.ReadAsync(session => nodes.ListAsync(session, NetworkText.Network(network), condition, cursor), context.RequestAborted));
    }

    private static SqlText Condition(string? subCluster, string? user, string? name, string? externalUser)
    {
        if (subCluster is not null) { return $"AND sub_cluster = {subCluster}"; }
        if (user is not null) { return $"AND user_id = {user}"; }
        if (name is not null) { return $"AND name = {name}"; }
        if (externalUser is not null) { return $"AND external_user = {externalUser}"; }
        return SqlText.Empty;
    }

    private static async Task<Answer> GetAsync(string network, string node, Caller caller, Database database, NetworkNodes nodes, NetworkLogs logs, HttpContext context)
    {
        var id = NetworkText.Network(network);
        var view = await database.ReadAsync(
            async session =>
            {
                var row = await NetworkNodes.FindAsync(session, id, NetworkText.Node(node)) ?? throw ApiException.NotFound("node");
                if (caller.Kind is CallerKind.ExternalUser && row.ExternalUser != caller.ExternalUserId) { throw ApiException.NotFound("node"); }
                return nodes.View(row, await logs.StateAsync(session, id));
            },
            context.RequestAborted);
        return Answer.Ok(view, view.Version);
    }

    private static Task<IResult> DestroyAsync(string network, string node, HttpContext context, ApiWriter writer, NetworkChanges changes) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Node(node);
        if (await NetworkNodes.FindAsync(session, NetworkText.Network(network), id) is null) { throw ApiException.NotFound("node"); }
        return Answer.Ok(await changes.ApplyAsync<StatementBody.Revoke>(
            session, network, HeaderOf(context), body => body.Kind is RevokeKind.Node && body.SubjectKey == id));
    });

    private static Task<IResult> RenameAsync(string network, string node, SignedRequest request, ApiWriter writer, NetworkChanges changes) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Node(node);
        return Answer.Ok(await changes.ApplyAsync<StatementBody.Rename>(session, network, request.Statement, body => body.Node == id));
    });

    private static Task<IResult> MoveAsync(string network, string node, SignedRequest request, ApiWriter writer, NetworkChanges changes) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Node(node);
        return Answer.Ok(await changes.ApplyAsync<StatementBody.MoveNode>(session, network, request.Statement, body => body.Node == id));
    });

    private static Task<IResult> RevokeAsync(string network, SignedRequest request, ApiWriter writer, NetworkChanges changes) =>
        writer.WriteAsync(async session => Answer.Ok(await changes.ApplyAsync<StatementBody.Revoke>(session, network, request.Statement, static _ => true)));

    private static async Task<Answer> ListSubClustersAsync(string network, Cursor cursor, Database database, HttpContext context) => Answer.Ok(cursor.Page(
        await database.ReadAsync(session => NetworkNodes.CountsAsync(session, network, cursor), context.RequestAborted), view => view.Name, view => view));

    internal static string HeaderOf(HttpContext context) => context.Request.Headers[StatementHeader].ToString();
}
