using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Storage;
using Table = Coco.ControlPlane.Api.Operations;

namespace Coco.ControlPlane.Passkeys;

/// <summary>Passkeys.</summary>
internal static class PasskeysPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Challenges>();
        services.AddSingleton<PasskeyService>();
    }

    public static void Map(ApiRoutes routes)
    {
        routes.Map<PasskeyCreation>(Table.PreparePasskey, 200, static (PasskeyPreparation asked, Caller caller, PasskeyService passkeys, CancellationToken cancellationToken) =>
            passkeys.BeginAddingAsync(caller, asked, cancellationToken));
        routes.Map<PasskeyView>(Table.AddPasskey, 201, static (PasskeyRegistration asked, Caller caller, PasskeyService passkeys, CancellationToken cancellationToken) =>
            passkeys.AddAsync(caller, asked, cancellationToken));
        routes.Map<Page<PasskeyView>>(Table.ListPasskeys, 200, static async (Caller caller, Cursor cursor, Database database, CancellationToken cancellationToken) =>
        {
            var rows = await database.ReadAsync(
                session => session.QueryAsync(
                    $"SELECT id, name, created, used FROM passkeys WHERE account_id = {caller.AccountId} AND id > {cursor.After} ORDER BY id LIMIT {cursor.Limit + 1}",
                    row => new PasskeyView(row.Text("id"), row.Text("name"), row.Time("created"), row.TimeOrNull("used"))),
                cancellationToken);
            return Answer.Ok(cursor.Page(rows, passkey => passkey.Id, passkey => passkey));
        });
        routes.MapEmpty(Table.DeletePasskey, 204, static (string passkey, Caller caller, ApiWriter writer) => writer.WriteAsync(async session =>
            await session.ExecuteAsync($"DELETE FROM passkeys WHERE id = {passkey} AND account_id = {caller.AccountId}") == 1 ? Answer.NoContent : throw ApiException.NotFound("passkey")));
        routes.Map<PasskeyChallenge>(Table.PrepareSignIn, 200, static (PasskeyService passkeys) => Answer.Ok(passkeys.BeginSignIn()));
        routes.Map<SessionToken>(Table.CreatePasskeySession, 201, static async (PasskeyAssertion asked, PasskeyService passkeys, CancellationToken cancellationToken) =>
            AccountsPart.Began(await passkeys.SignInAsync(asked, cancellationToken)));
    }
}
