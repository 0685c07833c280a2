using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>Operations on what holds for a whole network. What is shown is what the statements amount to.</summary>
internal static class RegisterOperations
{
    public static void Map(ApiRoutes routes)
    {
        routes.Map<SettingsView>(Api.Operations.GetSettings, 200, GetSettingsAsync);
        routes.Map<ChangeView>(Api.Operations.PutSettings, 200, StateAsync<StatementBody.SetSettings>);
        routes.Map<Page<ControlPlaneView>>(Api.Operations.ListControlPlanes, 200, ListControlPlanesAsync);
        routes.Map<ChangeView>(Api.Operations.PutControlPlanes, 200, StateAsync<StatementBody.SetControlPlanes>);
        routes.Map<ChangeView>(Api.Operations.TransferOwnership, 200, StateAsync<StatementBody.Transfer>);
        routes.Map<ChangeView>(Api.Operations.SetRecoveryKey, 200, StateAsync<StatementBody.SetRecovery>);
        routes.Map<ChangeView>(Api.Operations.RecoverOwnership, 200, RecoverAsync);
    }

    private static async Task<Answer> GetSettingsAsync(string network, Database database, NetworkLogs logs, HttpContext context)
    {
        var state = await database.ReadAsync(session => logs.StateAsync(session, NetworkText.Network(network)), context.RequestAborted);
        return Answer.Ok(new SettingsView(
            state.Name, NetworkText.Camel(state.Profile), state.Owner?.ToString() ?? "", state.Recovery.Key.IsDefault ? null : state.Recovery.Key.ToString()));
    }

    // A network lists 16 at most.
    private static async Task<Answer> ListControlPlanesAsync(string network, Cursor cursor, Database database, NetworkLogs logs, HttpContext context)
    {
        var state = await database.ReadAsync(session => logs.StateAsync(session, NetworkText.Network(network)), context.RequestAborted);
        var items = state.ControlPlanes.Select(static entry => new ControlPlaneView(entry.Id.ToString(), entry.Address)).Where(view => string.CompareOrdinal(view.Id, cursor.After) > 0)
            .DistinctBy(static view => view.Id).OrderBy(static view => view.Id, StringComparer.Ordinal).Take(cursor.Limit + 1).ToList();
        return Answer.Ok(cursor.Page(items, static view => view.Id, static view => view));
    }

    private static Task<IResult> StateAsync<TBody>(string network, SignedRequest request, ApiWriter writer, NetworkChanges changes)
        where TBody : StatementBody =>
        writer.WriteAsync(async session => Answer.Ok(await changes.ApplyAsync<TBody>(session, network, request.Statement, static _ => true)));

    private static Task<IResult> RecoverAsync(string network, SignedRequest request, Caller caller, ApiWriter writer, NetworkChanges changes) => writer.WriteAsync(async session =>
    {
        var isOfIt = (await NetworkDesk.FindAsync(session, caller, network)).Role != "none";
        try
        {
            return Answer.Ok(await changes.ApplyAsync<StatementBody.Recover>(session, network, request.Statement, static _ => true));
        }
        catch (ApiException) when (!isOfIt)
        {
            throw ApiException.NotFound("network"); // who has no part in it learns of it by the recovery key alone
        }
    });
}
