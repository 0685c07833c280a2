using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;
using Table = Coco.ControlPlane.Api.Operations;

namespace Coco.ControlPlane.OAuth;

/// <summary>Operations on what people let apps do.</summary>
internal static class ConsentOperations
{
    public static void Map(ApiRoutes routes)
    {
        routes.Map<Page<ConsentView>>(Table.ListConsents, 200, static async (Caller caller, Cursor cursor, Database database, CancellationToken cancellationToken) =>
        {
            var rows = await database.ReadAsync(session => Consents.ListAsync(session, caller.AccountId!, cursor.After, cursor.Limit + 1), cancellationToken);
            return Answer.Ok(cursor.Page(rows, consent => consent.App, consent => consent));
        });
        routes.MapEmpty(Table.DeleteConsent, 204, static (string app, Caller caller, ApiWriter writer, TokenStore tokens) => writer.WriteAsync(async session =>
        {
            if (!await Consents.TryTakeBackAsync(session, tokens, caller.AccountId!, app)) { throw ApiException.NotFound("consent"); }
            return Answer.NoContent;
        }));
    }
}
