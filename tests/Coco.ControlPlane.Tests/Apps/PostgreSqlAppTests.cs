using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Tests.Apps;

[CollectionDefinition(nameof(PostgreSqlAppTests), DisableParallelization = true)]
[Collection(nameof(PostgreSqlAppTests))] // a server that others use, too, remembers less of who has read what, and takes more for meetings
public sealed class PostgreSqlAppTests(PostgreSqlServer server) : AppTests
{
    [Fact]
    public async Task People_who_register_apps_at_once_do_not_meet()
    {
        await using var plane = await StartAsync();
        var people = new List<string>();
        for (var i = 0; i < 40; i++) { people.Add((await plane.CreateAccountAsync()).Token); }
        await plane.SendAsync<Page<AppView>>("GET", "/v1/apps", people[0]);
        var before = Met();

        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            await plane.SendAsync<AppCreated>("POST", "/v1/apps", people[i % people.Count], Definition, ("Idempotency-Key", $"key{i}")));

        // Some meet by chance, more of them the slower the machine: who looks for a row that is not there has read the page of the index where another's is about to be
        // (PostgreSQL, 13.2.3). 0 to 19 were seen, and 534 where all counted apps.
        Assert.InRange(Met() - before, 0, 40);

        int Met() => plane.Log.Lines.Count(static line => line.Contains(" 1741 ", StringComparison.Ordinal));
    }

    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
