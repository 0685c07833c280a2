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

    public static Task<List<App>> ListAsync(Session session, string owner, string after, int limit) =>
        session.QueryAsync($"SELECT * FROM apps WHERE owner_account = {owner} AND id > {after} ORDER BY id LIMIT {limit}", Read);

    public static async Task AddAsync(Session session, App app)
    {
        await session.ExecuteAsync(
            $"""
            INSERT INTO apps (id, owner_account, name, kind, redirect_uris, scopes, secret, created, version)
            VALUES ({app.Id}, {app.Owner}, {app.Name}, {App.TextOf(app.Kind)}, {Join(app.RedirectUris)}, {Join(app.Scopes)}, {app.Secret}, {app.Created}, {app.Version})
            """);
        await SetOriginsAsync(session, app);
    }

    public static async Task UpdateAsync(Session session, App app)
    {
        await session.ExecuteAsync(
            $"""
            UPDATE apps SET name = {app.Name}, redirect_uris = {Join(app.RedirectUris)}, scopes = {Join(app.Scopes)}, secret = {app.Secret},
                            previous_secret = {app.PreviousSecret}, previous_until = {app.PreviousUntil}, version = {app.Version}
            WHERE id = {app.Id}
            """);
        await SetOriginsAsync(session, app);
    }

    public static Task DeleteAsync(Session session, string id) => session.ExecuteAsync($"DELETE FROM apps WHERE id = {id}");

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

    private static async Task SetOriginsAsync(Session session, App app)
    {
        await session.ExecuteAsync($"DELETE FROM app_origins WHERE app_id = {app.Id}");
        if (app.Kind is not AppKind.SinglePage) { return; }
        foreach (var origin in app.RedirectUris.Select(RedirectUris.OriginOf).Distinct(StringComparer.Ordinal))
        {
            await session.ExecuteAsync($"INSERT INTO app_origins (app_id, origin) VALUES ({app.Id}, {origin})");
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
