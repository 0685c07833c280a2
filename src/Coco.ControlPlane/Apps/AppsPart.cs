using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;
using Table = Coco.ControlPlane.Api.Operations;

namespace Coco.ControlPlane.Apps;

/// <summary>Apps that people register.</summary>
internal static class AppsPart
{
    // Long enough to bring a new secret to all servers of an app in working hours.
    private static readonly TimeSpan DefaultOverlap = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(7);

    public static void Map(ApiRoutes routes)
    {
        routes.Map<AppCreated>(Table.CreateApp, 201, static (AppDefinition asked, Caller caller, ApiWriter writer, TimeProvider time) =>
        {
            var (redirectUris, scopes) = (asked.RedirectUris ?? [], asked.Scopes ?? []);
            AppRules.Check(asked.Kind, asked.Name, redirectUris, scopes);
            return writer.WriteAsync(async session =>
            {
                var (secret, hash) = App.IsConfidentialKind(asked.Kind) ? AppStore.NewSecret() : default((string?, byte[]?));
                var app = new App(Identifiers.New("app"), caller.AccountId!, asked.Name, asked.Kind, [.. redirectUris], [.. scopes], time.GetUtcNow(), 1) { Secret = hash };
                if (!await AppStore.TryAddAsync(session, app, AppRules.MaxApps)) { throw new ApiException(ProblemCode.Conflict, $"There are {AppRules.MaxApps} apps already. Delete one first."); }
                return Answer.Created("/v1/apps/" + app.Id, new AppCreated(app.View, secret), app.Version);
            });
        });
        routes.Map<Page<AppView>>(Table.ListApps, 200, static async (Caller caller, Cursor cursor, Database database, CancellationToken cancellationToken) =>
        {
            var rows = await database.ReadAsync(session => AppStore.ListAsync(session, caller.AccountId!, cursor.After, cursor.Limit + 1), cancellationToken);
            return Answer.Ok(cursor.Page(rows, app => app.Id, app => app.View));
        });
        routes.Map<AppView>(Table.GetApp, 200, static async (string app, Database database, CancellationToken cancellationToken) =>
        {
            var found = await database.ReadAsync(session => AppStore.FindAsync(session, app), cancellationToken) ?? throw ApiException.NotFound("app");
            return Answer.Ok(found.View, found.Version);
        });
        MapChanges(routes);
        routes.Map<ExternalToken>(Table.CreateExternalToken, 201, static (ExternalTokenRequest asked, Caller caller, ExternalTokens tokens) => tokens.CreateAsync(caller, asked));
    }

    private static void MapChanges(ApiRoutes routes)
    {
        routes.Map<AppView>(Table.UpdateApp, 200, static (string app, AppChange asked, HttpContext context, ApiWriter writer) => writer.WriteAsync(async session =>
        {
            var found = await AppStore.FindAsync(session, app) ?? throw ApiException.NotFound("app");
            Precondition.Require(context, found.Version);
            AppRules.Check(found.Kind, asked.Name, asked.RedirectUris, asked.Scopes);
            var changed = found with { Name = asked.Name, RedirectUris = [.. asked.RedirectUris], Scopes = [.. asked.Scopes], Version = found.Version + 1 };
            await AppStore.UpdateAsync(session, changed);
            return Answer.Ok(changed.View, changed.Version);
        }));
        routes.MapEmpty(Table.DeleteApp, 204, static (string app, ApiWriter writer) => writer.WriteAsync(async session =>
        {
            if (await session.AnyAsync($"SELECT 1 FROM networks WHERE owner_app = {app}"))
            {
                throw new ApiException(ProblemCode.Conflict, "The app owns networks. Delete them first.");
            }
            await AppStore.DeleteAsync(session, app);
            return Answer.NoContent;
        }));
        routes.Map<AppCreated>(Table.RotateSecret, 200, static (string app, SecretRotation asked, ApiWriter writer, TimeProvider time) =>
        {
            var overlap = asked.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultOverlap;
            if (overlap < TimeSpan.Zero || overlap > MaxOverlap) { throw new ApiException(ProblemCode.Invalid, $"overlapSeconds is from 0 to {MaxOverlap.TotalSeconds}."); }
            return writer.WriteAsync(async session =>
            {
                var found = await AppStore.FindAsync(session, app) ?? throw ApiException.NotFound("app");
                if (!found.IsConfidential) { throw new ApiException(ProblemCode.Conflict, "Apps of this kind have no secret, as they could not keep it."); }
                var (secret, hash) = AppStore.NewSecret();
                var changed = found with { Secret = hash, PreviousSecret = found.Secret, PreviousUntil = time.GetUtcNow() + overlap, Version = found.Version + 1 };
                await AppStore.UpdateAsync(session, changed);
                return Answer.Ok(new AppCreated(changed.View, secret), changed.Version);
            });
        });
    }
}
