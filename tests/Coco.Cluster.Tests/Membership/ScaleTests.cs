using System.Diagnostics;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

public sealed class ScaleTests
{
    [Fact] // figures go to $COCO_FIGURES; what is asserted are bytes, which are exact
    public void Five_hundred_admins_who_do_ten_things_each_fit_into_a_small_log()
    {
        const int Admins = 500;
        var log = new MembershipLog(Samples.Network, new());
        log.Add(Party.Beginning);
        var previous = default(StatementId);
        for (var i = 0; i < Admins; i++)
        {
            var grant = Statement.Sign(Samples.Key(1), Samples.Network, (ulong)i, previous, Party.Beginning.Id, [], 1, new StatementBody.GrantRole(Samples.User(1000 + i), Role.Admin, []));
            previous = grant.Id;
            log.Add(grant);
            var own = default(StatementId);
            for (ulong act = 0; act < 10; act++)
            {
                var statement = Statement.Sign(Samples.Key(1000 + i), Samples.Network, act, own, grant.Id, [], 1, new StatementBody.Rename(Samples.Key(2000 + i).Id, $"name {act}"));
                own = statement.Id;
                log.Add(statement);
            }
        }
        var watch = Stopwatch.StartNew();
        Assert.Equal(Admins, log.State.Admins.Length);
        var evaluationMs = watch.Elapsed.TotalMilliseconds;
        var snapshot = log.MakeSnapshot().Sum(static part => ((StatementBody.SnapshotPart)part).Bytes.Length);

        Assert.Equal(1 + (11 * Admins), log.Count);
        Assert.InRange(log.Bytes / log.Count, 200, 300);
        Assert.InRange(snapshot / Admins, 200, 500);
        if (Environment.GetEnvironmentVariable("COCO_FIGURES") is { } figures)
        {
            File.AppendAllText(figures, $"| {log.Count} statements, {Admins} admins | {log.Bytes / 1024} KiB, evaluated in {evaluationMs:0} ms, snapshot {snapshot / 1024} KiB |\n");
        }
    }
}
