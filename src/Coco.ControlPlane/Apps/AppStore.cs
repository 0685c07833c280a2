using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Apps;

/// <summary>Apps in the database. A secret is 32 random bytes, kept as SHA-256.</summary>
internal static class AppStore
{
    private const int SecretSize = 32;

    public static Task<App?> FindAsync(Session session, string id) => session.FirstAsync($"SELECT * FROM apps WHERE id = {id}", Read);

    /// <summary>Finds an app that may act: one of a person who is locked out is as good as unknown.</summary>
    public static Task<App?> FindOpenAsync(Session session, string id) =>
        session.FirstAsync($"SELECT a.* FROM apps a JOIN accounts o ON o.id = a.owner_account WHERE a.id = {id} AND o.locked IS NULL", Read);

    public static Task<List<App>> ListAsync(Session session, string owner, string after, int limit) =>
        session.QueryAsync($"SELECT * FROM apps WHERE owner_account = {owner} AND id > {after} ORDER BY id LIMIT {limit}", Read);

    /// <summary>Adds an app, where its owner has fewer than <paramref name="most"/>.</summary>
    /// <returns>False where the owner has as many.</returns>
    public static async Task<bool> TryAddAsync(Session session, App app, long most)
    {
        // What this reads is a row of the owner's own, so that people who register apps at once do not meet.
        var counted = await session.ExecuteAsync(
            $"INSERT INTO app_counts (account, apps) VALUES ({app.Owner}, {1L}) ON CONFLICT (account) DO UPDATE SET apps = app_counts.apps + 1 WHERE app_counts.apps < {most}");
        if (counted == 0) { return false; }
        session.ExecuteLater(
            $"""
            INSERT INTO apps (id, owner_account, name, kind, redirect_uris, scopes, secret, created, version)
            VALUES ({app.Id}, {app.Owner}, {app.Name}, {App.TextOf(app.Kind)}, {Join(app.RedirectUris)}, {Join(app.Scopes)}, {app.Secret}, {app.Created}, {app.Version})
            """);
        AddOrigins(session, app);
        return true;
    }

    public static async Task UpdateAsync(Session session, App app)
    {
        await session.ExecuteAsync(
            $"""
            UPDATE apps SET name = {app.Name}, redirect_uris = {Join(app.RedirectUris)}, scopes = {Join(app.Scopes)}, secret = {app.Secret},
                            previous_secret = {app.PreviousSecret}, previous_until = {app.PreviousUntil}, version = {app.Version}
            WHERE id = {app.Id}
            """);
        await session.ExecuteAsync($"DELETE FROM app_origins WHERE app_id = {app.Id}");
        AddOrigins(session, app);
    }

    public static async Task DeleteAsync(Session session, string id)
    {
        await session.ExecuteAsync($"UPDATE app_counts SET apps = apps - 1 WHERE account = (SELECT owner_account FROM apps WHERE id = {id}) AND apps > 0");
        await session.ExecuteAsync($"DELETE FROM webhooks WHERE app = {id}"); // with what they were still to be told
        await session.ExecuteAsync($"DELETE FROM apps WHERE id = {id}");
    }

    /// <summary>Deletes all apps of a person who goes as well.</summary>
    public static async Task DeleteAllOfAsync(Session session, string owner)
    {
        await session.ExecuteAsync($"DELETE FROM webhooks WHERE app IN (SELECT id FROM apps WHERE owner_account = {owner})");
        await session.ExecuteAsync($"DELETE FROM apps WHERE owner_account = {owner}");
    }

    /// <summary>Gives up what services of a person's apps were still to be told.</summary>
    public static Task SilenceAllOfAsync(Session session, string owner) => session.ExecuteAsync(
        $"""
        UPDATE webhook_deliveries SET state = {"failed"}
        WHERE state = {"pending"} AND webhook IN (SELECT w.id FROM webhooks w JOIN apps a ON a.id = w.app WHERE a.owner_account = {owner})
        """);

    /// <summary>Makes a secret.</summary>
    /// <returns>The text that is shown once, and what is stored.</returns>
    public static (string Text, byte[] Hash) NewSecret()
    {
        var text = "coco_cs_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretSize));
        return (text, HashOf(text));
    }

    /// <summary>Whether the text is the app's secret, or the one before while that is good.</summary>
    public static bool IsSecret(App app, string text, DateTimeOffset now)
    {
        var hash = HashOf(text);
        var isCurrent = app.Secret is { } secret && CryptographicOperations.FixedTimeEquals(hash, secret);
        var isPrevious = app.PreviousSecret is { } previous && now < app.PreviousUntil && CryptographicOperations.FixedTimeEquals(hash, previous);
        return isCurrent || isPrevious;
    }

    private static void AddOrigins(Session session, App app)
    {
        if (app.Kind is not AppKind.SinglePage) { return; }
        foreach (var origin in app.RedirectUris.Select(RedirectUris.OriginOf).Distinct(StringComparer.Ordinal))
        {
            session.ExecuteLater($"INSERT INTO app_origins (app_id, origin) VALUES ({app.Id}, {origin})");
        }
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Join(ImmutableArray<string> texts) => string.Join(' ', texts);

    private static App Read(Row row) => new(
        row.Text("id"), row.Text("owner_account"), row.Text("name"), Enum.Parse<AppKind>(row.Text("kind"), ignoreCase: true),
        Split(row.Text("redirect_uris")), Split(row.Text("scopes")), row.Time("created"), row.Long("version"))
    {
        Secret = row.BytesOrNull("secret"),
        PreviousSecret = row.BytesOrNull("previous_secret"),
        PreviousUntil = row.TimeOrNull("previous_until"),
    };

    private static ImmutableArray<string> Split(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
