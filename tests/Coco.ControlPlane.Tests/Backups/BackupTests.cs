using Coco.ControlPlane.Backups;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Backups;

public sealed class BackupTests(PostgreSqlServer server) : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);

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
            Assert.Equal(written, await BackupReader.ReadAsync(restored, secret, Backup, default));
        }

        await using var second = await TestPlane.StartAsync(null, settings => settings with { Database = location, SecretFile = plane.Settings.SecretPath });
        Assert.Equal("ünï@example.org", await second.Database.ReadAsync(session => session.FirstAsync($"SELECT email FROM accounts WHERE id = {account}", row => row.Text("email")), default));
        Assert.Equal(app, await second.Database.ReadAsync(session => session.FirstAsync($"SELECT id FROM apps", row => row.Text("id")), default));
        Assert.NotNull(await second.Database.ReadAsync(session => Tokens.TokenStore.FindAsync(session, token), default));
    }

    [Fact]
    public async Task A_file_cut_anywhere_or_changed_anywhere_restores_nothing()
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
            await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(target, secret, Backup, default));
        }

        await File.WriteAllBytesAsync(Backup, whole);
        Assert.True(await BackupReader.ReadAsync(target, secret, Backup, default) > 0);
    }

    [Fact]
    public async Task Only_the_secret_it_was_made_with_opens_it()
    {
        await using var plane = await TestPlane.StartAsync();
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        using var other = ServerSecret.Open(Path.Combine(_folder, "other"), mayCreate: true);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);
        await using var target = await Database.OpenAsync(Empty, NullLogger.Instance, DatabaseUse.Restore, default);

        var refused = await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(target, other, Backup, default));

        Assert.Contains("another secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_overwritten()
    {
        await using var plane = await TestPlane.StartAsync();
        using var secret = ServerSecret.Open(plane.Settings.SecretPath, mayCreate: false);
        await BackupWriter.WriteAsync(plane.Database, secret, Backup, default);

        await Assert.ThrowsAsync<StorageException>(() => BackupWriter.WriteAsync(plane.Database, secret, Backup, default));
        var refused = await Assert.ThrowsAsync<StorageException>(() => BackupReader.ReadAsync(plane.Database, secret, Backup, default));

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
}
