using Coco.ControlPlane.Backups;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Backups;

public sealed class BackupTests(PostgreSqlServer server) : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);

    private static DateTimeOffset Now => new TestTime().GetUtcNow();

    private string Backup => Path.Combine(_folder, "backup");

    private string Empty => "sqlite:" + Path.Combine(_folder, Guid.NewGuid().ToString("n"));

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
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_was_backed_up_is_restored_on_either_engine(bool fromPostgreSql, bool toPostgreSql)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere || (!fromPostgreSql && !toPostgreSql), "PostgreSQL is not installed");
        await using var plane = await TestPlane.StartAsync(fromPostgreSql ? server : null);
        var (account, token) = await plane.CreateAccountAsync("ünï@example.org");
        var (app, _) = await plane.CreateAppAsync(account);
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);

        var written = await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);
        var location = toPostgreSql ? "postgres:" + await server.CreateDatabaseAsync() : Empty;
        await using (var restored = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Restore, default))
        {
            Assert.Equal(written, (await BackupReader.ReadAsync(restored, secret, Backup, plane.Time.GetUtcNow(), default)).Rows);
        }

        await using var second = await TestPlane.StartAsync(null, settings => settings with { Database = location, SecretFile = plane.Settings.SecretPath });
        Assert.Equal("ünï@example.org", await second.Database.ReadAsync(session => session.FirstAsync($"SELECT email FROM accounts WHERE id = {account}", row => row.Text("email")), default));
        Assert.Equal(app, await second.Database.ReadAsync(session => session.FirstAsync($"SELECT id FROM apps", row => row.Text("id")), default));
        Assert.NotNull(await second.Database.ReadAsync(session => Tokens.TokenStore.FindAsync(session, token), default));
    }

    [Fact]
    public async Task A_file_cut_anywhere_changed_anywhere_or_longer_restores_nothing()
    {
        await using var plane = await TestPlane.StartAsync();
        await plane.CreateAccountAsync();
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);
        var whole = await File.ReadAllBytesAsync(Backup);
        var random = new Random(7);
        await using var target = await Database.OpenAsync(Empty, NullLogger.Instance, DatabaseUse.Restore, default);

        for (var i = 0; i < 60; i++)
        {
            var bytes = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (i % 2 == 1) { bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); }
            await File.WriteAllBytesAsync(Backup, bytes);
            await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(target, secret, Backup, Now, default));
        }

        foreach (var more in (byte[][])[[0], [1, 2, 3, 4, 5], whole])
        {
            await File.WriteAllBytesAsync(Backup, [.. whole, .. more]);
            await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(target, secret, Backup, Now, default));
        }
        await File.WriteAllBytesAsync(Backup, whole);
        Assert.True((await BackupReader.ReadAsync(target, secret, Backup, Now, default)).Rows > 0);
    }

    [Fact]
    public async Task Only_the_secret_it_was_made_with_opens_it()
    {
        await using var plane = await TestPlane.StartAsync();
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        using var other = ServerSecret.Open(Path.Combine(_folder, "other"), mayCreate: true);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);
        await using var target = await Database.OpenAsync(Empty, NullLogger.Instance, DatabaseUse.Restore, default);

        var refused = await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(target, other, Backup, Now, default));

        Assert.Contains("another secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_overwritten()
    {
        await using var plane = await TestPlane.StartAsync();
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);

        await Assert.ThrowsAsync<StorageException>(() => BackupWriter.WriteAsync(plane.Database, secret, Backup, default));
        var refused = await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(plane.Database, secret, Backup, Now, default));

        Assert.Contains("in use already", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_works_beside_a_running_instance()
    {
        await using var plane = await TestPlane.StartAsync();
        await plane.CreateAccountAsync();
        using var output = new StringWriter();

        var code = await ControlPlane.Commands.EntryPoint.RunAsync(["backup", Backup, "--DataDirectory", plane.Settings.DataDirectory], output, output);

        Assert.True(code == 0, output.ToString());
        Assert.True(new FileInfo(Backup).Length > 0);
    }

    [Theory]
    [InlineData(false, "send")]
    [InlineData(false, "drop")]
    [InlineData(true, "send")]
    public async Task Mail_that_waited_is_not_sent_again_by_itself_but_held_for_the_operator(bool toPostgreSql, string word)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere || !toPostgreSql, "PostgreSQL is not installed");
        await using var plane = await TestPlane.StartAsync();
        plane.Time.SetToNow(); // the command goes by the machine's
        plane.Mails.Trouble = static _ => throw new IOException("no");
        await TellAsync(plane, "ada@example.org");
        await plane.SendAsync("POST", "/v1/accounts", body: new Client.Contracts.Accounts.Credentials("grace@example.org", "a difference engine")); // good for an hour
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);
        var waited = await plane.Database.ReadAsync(static session => session.QueryAsync($"SELECT id FROM mails ORDER BY position", static row => row.Text("id")), default);
        plane.Mails.Trouble = null;
        plane.Time.Advance(TimeSpan.FromMinutes(30));
        await plane.Host.Services.GetRequiredService<MailCourier>().RunOnceAsync(default);
        Assert.Equal(2, plane.Mails.TakeAll().Count); // after the backup, both went

        var location = toPostgreSql ? "postgres:" + await server.CreateDatabaseAsync() : Empty;
        var restored = await RunAsync("restore", Backup, plane, location);
        await using var second = await TestPlane.StartAsync(null, settings => settings with { Database = location, SecretFile = plane.Settings.SecretPath });
        second.Time.SetToNow();
        second.Time.Advance(TimeSpan.FromMinutes(20));
        var courier = second.Host.Services.GetRequiredService<MailCourier>();
        await courier.RunOnceAsync(default);
        Assert.Empty(second.Mails.TakeAll());
        Assert.Equal("Waiting: 0. Held since a backup was restored: 2.\n", await RunAsync("mails", "count", plane, location));
        var told = await RunAsync("mails", word, plane, location);
        await courier.RunOnceAsync(default);

        Assert.Contains("may have been sent since: 2. `coco-control mails send`", restored, StringComparison.Ordinal);
        Assert.Equal(word == "send" ? "To be sent: 2. Of no use any more, and erased: 0.\n" : "Erased: 2.\n", told);
        Assert.Equal(word == "send" ? waited : [], second.Mails.TakeAll().Select(static mail => mail.Id)); // under their names, so that readers know them again
        Assert.Equal("Waiting: 0. Held since a backup was restored: 0.\n", await RunAsync("mails", "count", plane, location));
    }

    [Fact]
    public async Task Mail_whose_code_is_over_is_dropped_by_the_restore_or_later_while_it_is_held()
    {
        await using var plane = await TestPlane.StartAsync();
        plane.Mails.Trouble = static _ => throw new IOException("no");
        await TellAsync(plane, "ada@example.org"); // good for three days
        await plane.SendAsync("POST", "/v1/accounts", body: new Client.Contracts.Accounts.Credentials("grace@example.org", "a difference engine"));
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);
        await using var target = await Database.OpenAsync(Empty, NullLogger.Instance, DatabaseUse.Restore, default);

        var restored = await BackupReader.ReadAsync(target, secret, Backup, plane.Time.GetUtcNow() + TimeSpan.FromHours(2), default);
        var time = new TestTime();
        time.Advance(TimeSpan.FromDays(3) + TimeSpan.FromHours(1));
        var swept = await new Housekeeping(target, new(), time, NullLogger<Housekeeping>.Instance).SweepAsync(default);

        Assert.Equal((1, 1), (restored.HeldMails, restored.DroppedMails));
        Assert.True(swept > 0);
        Assert.Equal((0, 0), await target.ReadAsync(HeldMails.CountAsync, default));
    }

    private static async Task TellAsync(TestPlane plane, string email)
    {
        var outbox = plane.Host.Services.GetRequiredService<MailOutbox>();
        Assert.True(EmailAddress.TryParse(email, out var to));
        await outbox.WriteAsync(session => outbox.TellAsync(session, new(to, "Your password was changed", "It was.")), default);
    }

    private static async Task<string> RunAsync(string command, string word, TestPlane plane, string location)
    {
        using var output = new StringWriter();
        var code = await ControlPlane.Commands.EntryPoint.RunAsync([command, word, "--Database", location, "--SecretFile", plane.Settings.SecretPath], output, output);
        Assert.True(code == 0, output.ToString());
        return output.ToString().ReplaceLineEndings("\n");
    }
}
