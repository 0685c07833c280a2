using System.Net;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Backups;
using Coco.ControlPlane.Commands;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Tests.Backups;

/// <summary>Tokens that a backup has.</summary>
public sealed class RestoredTokenTests(PostgreSqlServer server) : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_taken_back_since_the_backup_is_not_good_again_after_a_restore(bool isPostgreSql)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere || !isPostgreSql, "PostgreSQL is not installed");
        await using var plane = await TestPlane.StartAsync(isPostgreSql ? server : null);
        var (account, session) = await plane.CreateAccountAsync();
        var (app, access) = await plane.CreateAppAsync(account, "service", "networks:read");
        var now = plane.Time.GetUtcNow();
        var refresh = await plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Refresh, account, app, null, ["networks:read"], now, now.AddDays(1)) { Family = "one" });
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        var file = Path.Combine(_folder, "backup");
        await BackupWriter.WriteAsync(plane.Database, secret, file, default);
        await plane.Database.WriteAsync(work => work.ExecuteAsync($"UPDATE tokens SET revoked = {now}"), default); // all are taken back afterwards

        var location = isPostgreSql ? "postgres:" + await server.CreateDatabaseAsync() : "sqlite:" + Path.Combine(_folder, "restored");
        using var output = new StringWriter();
        var code = await EntryPoint.RunAsync(["restore", file, "--Database", location, "--SecretFile", plane.Settings.SecretPath, "--DataDirectory", _folder], output, TextWriter.Null);

        await using var second = await TestPlane.StartAsync(null, settings => settings with { Database = location, SecretFile = plane.Settings.SecretPath });
        Assert.Equal(EntryPoint.Done, code);
        Assert.Contains("since: 3.", output.ToString(), StringComparison.Ordinal);
        foreach (var token in (string[])[session, access])
        {
            using var answer = await second.SendAsync("GET", "/v1/networks", token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
        Assert.NotNull((await second.Database.ReadAsync(work => TokenStore.FindAsync(work, refresh), default))!.Revoked); // known, so that its use is noticed
    }
}
