using System.Threading.Channels;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Coco.ControlPlane.Tests.Storage;

/// <summary>A server, or an instance, that is gone without a word.</summary>
public sealed class PostgreSqlSilenceTests(PostgreSqlServer server)
{
    [Fact]
    public async Task An_instance_whose_connection_for_notices_went_silent_finds_out_and_hears_again()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var direct = await server.CreateDatabaseAsync();
        await using var proxy = new SilentProxy(new NpgsqlConnectionStringBuilder(direct).Port);
        var through = new NpgsqlConnectionStringBuilder(direct) { Port = proxy.Port, KeepAlive = 1, Pooling = false };
        await using var teller = await Database.OpenAsync("postgres:" + direct, NullLogger.Instance, DatabaseUse.Instance, patience.Token);
        await using var hearer = await Database.OpenAsync("postgres:" + through, NullLogger.Instance, DatabaseUse.Instance, patience.Token);
        var heard = Channel.CreateUnbounded<string>();
        using var listening = hearer.Listen("relay", payload => heard.Writer.TryWrite(payload));
        await UntilAsync(Database.Resynchronise); // it listens from now on
        await TellAsync("before");
        await UntilAsync("before");

        proxy.Silence();
        await TellAsync("lost");
        await UntilAsync(Database.Resynchronise); // whoever listens reads the tables again
        await TellAsync("after");
        await UntilAsync("after");

        Task TellAsync(string what) => teller.WriteAsync(
            session =>
            {
                session.Notify("relay", what);
                return Task.CompletedTask;
            },
            patience.Token);

        async Task UntilAsync(string what)
        {
            string payload;
            do { payload = await heard.Reader.ReadAsync(patience.Token); }
            while (payload != what);
        }
    }

    [Fact]
    public async Task Both_sides_look_whether_the_other_is_there_unless_the_operator_says_otherwise()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        var location = await server.CreateDatabaseAsync();
        await using var database = await Database.OpenAsync("postgres:" + location, NullLogger.Instance, DatabaseUse.Instance, default);
        await using var other = await Database.OpenAsync($"postgres:{location};Options=-c idle_in_transaction_session_timeout=7000", NullLogger.Instance, DatabaseUse.Tool, default);

        Assert.Equal("10|5|3|25000|60000", await SettingsAsync(database));
        Assert.Equal("10|5|3|25000|7000", await SettingsAsync(other));

        // As numbers: in seconds, and the last two in milliseconds.
        static Task<string?> SettingsAsync(Database database) => database.ReadAsync(
            static session => session.FirstAsync(
                $"""
                SELECT string_agg(setting, '|' ORDER BY array_position(ARRAY['tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout', 'idle_in_transaction_session_timeout'], name)) AS settings
                FROM pg_settings WHERE name LIKE 'tcp\_%' OR name = 'idle_in_transaction_session_timeout'
                """,
                static row => row.Text("settings")),
            default);
    }

    [Fact]
    public async Task A_transaction_in_which_nothing_happens_any_more_holds_nobody_up_for_long()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var location = await server.CreateDatabaseAsync() + ";Options=-c idle_in_transaction_session_timeout=500";
        await using var dead = await Database.OpenAsync("postgres:" + location, NullLogger.Instance, DatabaseUse.Instance, patience.Token);
        await using var alive = await Database.OpenAsync("postgres:" + location, NullLogger.Instance, DatabaseUse.Instance, patience.Token);
        var (began, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var stuck = dead.WriteInLaneAsync(
            "network",
            async session =>
            {
                await session.ExecuteAsync($"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({"one"}, 1, {"x"}, {"x"}, {"x"})");
                began.SetResult();
                await end.Task;
                return true;
            },
            patience.Token);
        await began.Task.WaitAsync(patience.Token);

        Assert.True(await alive.WriteInLaneAsync("network", static async session => await session.ExecuteAsync($"DELETE FROM audit_events") == 0, patience.Token));
        end.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => stuck);
    }
}
