using System.Buffers.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>Operations on networks and on what is signed in them.</summary>
internal static class NetworkOperations
{
    public static void Map(ApiRoutes routes)
    {
        routes.Map<ChallengeView>(Api.Operations.CreateChallenge, 201, static (Caller caller, Challenges challenges) => new Answer(201, challenges.Make(caller)));
        routes.Map<NetworkView>(Api.Operations.CreateNetwork, 201, CreateAsync);
        routes.Map<Page<NetworkView>>(Api.Operations.ListNetworks, 200, ListAsync);
        routes.Map<NetworkView>(Api.Operations.GetNetwork, 200, GetAsync);
        routes.MapEmpty(Api.Operations.DeleteNetwork, 204, DeleteAsync);
        routes.Map<Page<StatementView>>(Api.Operations.ListStatements, 200, ListStatementsAsync);
        routes.Map<ChangeView>(Api.Operations.AddStatements, 200, AddStatementsAsync);
        routes.Map<LinkView>(Api.Operations.LinkUser, 200, LinkAsync);
    }

    private static Task<IResult> CreateAsync(CreateNetworkRequest request, HttpContext context, Caller caller, ApiWriter writer, NetworkDesk desk) =>
        writer.WriteAsync(session => desk.CreateAsync(session, context, caller, request));

    private static async Task<Answer> ListAsync(Caller caller, Cursor cursor, Database database, CloudNetworks clouds, HttpContext context) => Answer.Ok(await database.ReadAsync(
        session => caller.Kind is CallerKind.Cloud ? clouds.ListAsync(session, caller, cursor) : NetworkDesk.ListAsync(session, caller, cursor), context.RequestAborted));

    private static async Task<Answer> GetAsync(string network, Caller caller, Database database, HttpContext context)
    {
        var view = await database.ReadAsync(session => NetworkDesk.FindAsync(session, caller, network), context.RequestAborted);
        return Answer.Ok(view, view.Version);
    }

    private static Task<IResult> DeleteAsync(string network, HttpContext context, Caller caller, ApiWriter writer) => writer.WriteAsync(async session =>
    {
        if (context.Request.Headers.IfMatch.Count > 0) { Precondition.Require(context, (await NetworkDesk.FindAsync(session, caller, network)).Version); }
        await RelayNodes.RemoveNetworkAsync(session, network);
        await session.ExecuteAsync($"DELETE FROM networks WHERE id = {network}");
        return Answer.NoContent;
    });

    private static async Task<Answer> ListStatementsAsync(string network, Cursor cursor, Database database, HttpContext context)
    {
        if (!long.TryParse(cursor.After.Length == 0 ? "0" : cursor.After, out var after)) { throw new ApiException(ProblemCode.Invalid, "The cursor is none of this listing's. Leave it out to begin anew."); }
        return Answer.Ok(await database.ReadAsync(
            async session => cursor.Page(
                await session.QueryAsync(
                    $"SELECT number, statement FROM network_statements WHERE network = {network} AND number > {after} ORDER BY number LIMIT {cursor.Limit + 1L}",
                    row => new StatementView(row.Long("number"), Base64Url.EncodeToString(row.Bytes("statement")))),
                view => $"{view.Number}",
                view => view),
            context.RequestAborted));
    }

    private static Task<IResult> AddStatementsAsync(string network, AddStatementsRequest request, ApiWriter writer, NetworkChanges changes) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Network(network);
        return Answer.Ok(await changes.ApplyAsync(session, id, NetworkChanges.Read(request.Statements, id), mayFork: true));
    });

    private static Task<IResult> LinkAsync(string network, KeyProof proof, HttpContext context, Caller caller, ApiWriter writer, NetworkPeople people) => writer.WriteAsync(async session =>
    {
        var id = NetworkText.Network(network);
        var user = people.Require(context, id, proof);
        return Answer.Ok(await people.LinkAsync(session, caller, id, user));
    });
}
