using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Storage;

/// <summary>What holds on either engine.</summary>
public abstract class DatabaseTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        await using var plane = await StartAsync();
        await plane.Database.WriteAsync(session => session.ExecuteAsync(Event("one", "x")), default);

        await plane.RestartAsync();

        Assert.Equal(["x"], await SubjectsAsync(plane.Database));
    }

    [Fact]
    public async Task Work_that_fails_leaves_nothing()
    {
        await using var plane = await StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => plane.Database.WriteAsync<int>(
            async session =>
            {
                await session.ExecuteAsync(Event("one", "x"));
                throw new InvalidOperationException("on purpose");
            },
            default));

        Assert.Empty(await SubjectsAsync(plane.Database));
    }

    [Fact]
    public async Task Writers_at_once_lose_no_increment()
    {
        await using var plane = await StartAsync();
        await plane.Database.WriteAsync(session => session.ExecuteAsync(Event("one", "0")), default);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                await plane.Database.WriteAsync(
                    async session =>
                    {
                        var count = int.Parse((await session.QueryAsync($"SELECT subject FROM audit_events", row => row.Text("subject")))[0], System.Globalization.CultureInfo.InvariantCulture);
                        await session.ExecuteAsync($"UPDATE audit_events SET subject = {$"{count + 1}"}");
                    },
                    default);
            }
        })));

        Assert.Equal(["40"], await SubjectsAsync(plane.Database));
    }

    [Fact]
    public async Task Works_of_a_lane_are_done_together_and_one_that_fails_takes_nobody_with_it()
    {
        await using var plane = await StartAsync();
        await plane.Database.WriteAsync(session => session.ExecuteAsync(Event("count", "0")), default);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var works = Enumerable.Range(0, 40).Select(i => plane.Database.WriteInLaneAsync("lane", session => DoAsync(session, i), i == 7 ? cancelled.Token : default)).ToArray();
        await ((Task)Task.WhenAll(works)).ContinueWith(static _ => { }, TaskScheduler.Default);

        Assert.Equal([3, 4, 5, 7], Enumerable.Range(0, 40).Where(i => !works[i].IsCompletedSuccessfully));
        Assert.Equal("3", Assert.IsType<InvalidOperationException>(works[3].Exception!.InnerException).Message);
        Assert.Equal("4", Assert.IsType<InvalidOperationException>(works[4].Exception!.InnerException).Message);
        Assert.IsAssignableFrom<System.Data.Common.DbException>(works[5].Exception!.InnerException);
        Assert.True(works[7].IsCanceled);
        var subjects = await SubjectsAsync(plane.Database);
        Assert.Equal("36", subjects.Single(static subject => !subject.StartsWith("work", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(0, 40).Except([3, 4, 5, 7]).Select(static i => $"work{i}").Order(StringComparer.Ordinal), subjects.Where(static subject => subject.StartsWith("work", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        static async Task<int> DoAsync(Session session, int i)
        {
            var count = await session.FirstAsync($"SELECT subject FROM audit_events WHERE id = {"count"}", row => int.Parse(row.Text("subject"), System.Globalization.CultureInfo.InvariantCulture));
            if (i == 3) { throw new InvalidOperationException("3"); } // with nothing written
            session.ExecuteLater($"UPDATE audit_events SET subject = {$"{count + 1}"} WHERE id = {"count"}");
            session.ExecuteLater(Event($"{i}", $"work{i}"));
            if (i == 4) { throw new InvalidOperationException("4"); }
            if (i == 5) { session.ExecuteLater(Event("count", "a key that is there")); }
            return i;
        }
    }

    [Theory]
    [InlineData("'; DROP TABLE audit_events; --")]
    [InlineData("@p0 {long} $1 ? \\ \" % _")]
    [InlineData("ünï → 🙂")]
    public async Task Texts_are_values_and_nothing_else(string text)
    {
        await using var plane = await StartAsync();
        await plane.Database.WriteAsync(session => session.ExecuteAsync(Event("one", text)), default);

        Assert.Equal([text], await SubjectsAsync(plane.Database));
        Assert.True(await plane.Database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM audit_events WHERE subject = {text}"), default));
    }

    [Fact]
    public async Task Parts_of_statements_bring_their_parameters()
    {
        await using var plane = await StartAsync();
        await plane.Database.WriteAsync(session => session.ExecuteAsync(Event("one", "x")), default);
        SqlText condition = $"subject = {"x"} AND at >= {0L}";

        Assert.True(await plane.Database.ReadAsync(session => session.AnyAsync($"SELECT {1L} FROM audit_events WHERE {condition} AND id = {"one"}"), default));
    }

    [Fact]
    public async Task Notices_arrive_after_the_commit_and_only_then()
    {
        await using var plane = await StartAsync();
        var heard = System.Threading.Channels.Channel.CreateUnbounded<string>();
        using var listening = plane.Database.Listen("tests", text => heard.Writer.TryWrite(text));
        if (plane.Database.Kind is DatabaseKind.PostgreSql) { Assert.Equal(Database.Resynchronise, await heard.Reader.ReadAsync()); }

        await Assert.ThrowsAsync<InvalidOperationException>(() => plane.Database.WriteAsync<int>(
            session =>
            {
                session.Notify("tests", "never");
                throw new InvalidOperationException("on purpose");
            },
            default));
        await plane.Database.WriteAsync(
            session =>
            {
                session.Notify("tests", "now");
                return Task.CompletedTask;
            },
            default);

        Assert.Equal("now", await heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_database_of_a_later_version_is_refused_and_left_alone()
    {
        await using var plane = await StartAsync();
        await plane.Database.WriteAsync(session => session.ExecuteAsync($"INSERT INTO schema_versions (version, name, hash) VALUES ({9999L}, {"future"}, {"x"})"), default);

        var refused = await Assert.ThrowsAsync<StorageException>(() => Migrations.ApplyAsync(plane.Database, NullLogger.Instance, int.MaxValue, default));

        Assert.Contains("later version", refused.Message, StringComparison.Ordinal);
        await plane.Database.WriteAsync(session => session.ExecuteAsync($"DELETE FROM schema_versions WHERE version = {9999L}"), default);
    }

    // Of a time at which it is not old enough to be swept.
    private static SqlText Event(string id, string subject) =>
        $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({id}, {new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)}, {"test"}, {"test"}, {subject})";

    private static Task<List<string>> SubjectsAsync(Database database) =>
        database.ReadAsync(session => session.QueryAsync($"SELECT subject FROM audit_events", row => row.Text("subject")), default);
}
