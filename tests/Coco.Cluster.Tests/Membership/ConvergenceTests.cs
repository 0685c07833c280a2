using System.Diagnostics;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

/// <summary>The same statements make the same state. COCO_ALL=1 takes 100,000 histories, COCO_SEED=n one.</summary>
public sealed class ConvergenceTests
{
    private static readonly int Histories = Samples.All ? 100_000 : 2_000;

    [Fact]
    public void Whatever_order_statements_come_in_they_end_in_one_state()
    {
        var (acts, owners) = (0L, 0);
        var watch = Stopwatch.StartNew();
        foreach (var seed in Seeds(Histories))
        {
            var history = new History(seed, 10 + (seed % 30)).Statements;
            acts += history.Count;
            var inOrder = Deliver(history);
            Assert.Equal(history.Count, inOrder.Count);
            if (inOrder.State.Owner != Samples.User(1)) { owners++; }
            for (var order = 1; order <= 3; order++)
            {
                var random = new Random((seed * 10) + order);
                var shuffled = history.Concat(history.Take(3)).OrderBy(_ => random.Next()).ToList();
                var replica = Deliver(shuffled, askEvery: random.Next(1, 20));
                Assert.True(Same(inOrder, replica), $"COCO_SEED={seed}: order {order} ends in another state");
            }
        }
        if (Environment.GetEnvironmentVariable("COCO_SEED") is null) { Assert.True(owners > Histories / 20, $"only {owners} histories changed the owner"); }
        TestContext.Current.SendDiagnosticMessage($"{acts} statements in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public void Nodes_that_meet_end_in_one_state()
    {
        foreach (var seed in Seeds(Histories / 10))
        {
            var history = new History(seed, 40).Statements;
            var random = new Random(seed);
            var nodes = Enumerable.Range(10, 4).Select(number => Party.Knowing(number)).ToArray();
            // Each hears a part, in the order in which it happened, and then they meet by twos.
            foreach (var statement in history) { nodes[random.Next(nodes.Length)].Log.Add(statement); }
            foreach (var node in nodes) { foreach (var statement in history.Where(_ => random.Next(3) == 0)) { node.Log.Add(statement); } }
            var everything = Deliver(history);
            for (var before = -1; before != nodes.Sum(static node => node.Log.Count);)
            {
                before = nodes.Sum(static node => node.Log.Count);
                for (var i = 1; i < nodes.Length; i++) { nodes[0].Meets(nodes[i]); }
            }
            var heard = nodes.Select(node => node.Log.Count).Max();
            foreach (var node in nodes)
            {
                Assert.True(node.Log.Count == heard && Same(nodes[0].Log, node.Log), $"COCO_SEED={seed}: {node.Log.Count} of {heard}");
                Assert.Equal(nodes[0].Log.Digest, node.Log.Digest);
            }
            Assert.Equal(everything.Count, heard);
        }
    }

    [Fact] // what a cut cut off must have no trace
    public void Statements_without_effect_can_be_taken_away()
    {
        var taken = 0;
        foreach (var seed in Seeds(Histories / 4))
        {
            var history = new History(seed, 30).Statements;
            var all = Deliver(history);
            var without = history.Where(statement => all.ReasonOf(statement.Id) is not (VoidReason.NoOffice or VoidReason.BeyondCut)).ToList();
            // Only ends of chains that nothing refers to: the others are evidence of what came before what, or of two branches.
            var ends = history.Except(without).Where(end => !history.Exists(other => (other != end && other.Issuer == end.Issuer && other.Previous == end.Previous) || other.Previous == end.Id || other.Authority == end.Id
                || other.After.Any(head => head.Id == end.Id) || Names(other.Body, end.Id) || end.Body is StatementBody.Transfer or StatementBody.SetRecovery or StatementBody.Recover)).ToList();
            taken += ends.Count;
            Assert.True(Same(all, Deliver([.. history.Except(ends)])), $"COCO_SEED={seed}");
        }
        Assert.True(taken > 0);
    }

    [Fact]
    public void There_is_exactly_one_owner_and_authority_leads_to_the_root()
    {
        foreach (var seed in Seeds(Histories / 4))
        {
            var log = Deliver(new History(seed, 40).Statements);
            var (state, facts) = (log.State, log.State.Facts);
            Assert.NotNull(state.Owner);
            Assert.Equal(Party.Beginning.Id, facts.Epochs[0].Id);
            for (var i = 1; i < facts.Epochs.Count; i++)
            {
                var opening = log.Find(facts.Epochs[i].Id)!;
                var before = facts.Epochs[i - 1];
                Assert.True(opening.Body is StatementBody.Transfer
                    ? opening.Issuer == before.Owner.Key && opening.Authority == before.Id && opening.IsAgreed
                    : opening.Body is StatementBody.Recover recover && recover.Epoch == before.Id, $"COCO_SEED={seed}: epoch {i}");
            }
            foreach (var tenure in facts.Tenures.Values) { AssertAppointed(log, tenure, seed); }
            Assert.Single(Enumerable.Range(0, 30).Select(Samples.User), user => state.RoleOf(user) is Role.Owner);
        }
    }

    private static void AssertAppointed(MembershipLog log, Tenure tenure, int seed)
    {
        var grant = log.Find(tenure.Id)!;
        var facts = log.State.Facts;
        Assert.True(log.ReasonOf(tenure.Id) is VoidReason.None, $"COCO_SEED={seed}");
        var byOwner = facts.Epochs.Exists(epoch => epoch.Id == grant.Authority && epoch.Owner.Key == grant.Issuer);
        var byAdmin = facts.Tenures.TryGetValue(grant.Authority, out var senior) && senior.Key == grant.Issuer && senior.Place.IsSeniorTo(tenure.Place);
        Assert.True(byOwner || byAdmin, $"COCO_SEED={seed}: nobody in office appointed {tenure.Place}");
    }

    private static bool Names(StatementBody body, StatementId id) => body switch
    {
        StatementBody.Revoke revoke => revoke.Subject == id || revoke.Cut.Last == id,
        StatementBody.Recover recover => recover.Epoch == id || recover.Cut.Last == id,
        StatementBody.GrantRole grant => grant.Lifts.Contains(id),
        _ => false,
    };

    private static bool Same(MembershipLog one, MembershipLog other) => one.State.HasSameFacts(other.State);

    private static MembershipLog Deliver(List<Statement> statements, int askEvery = int.MaxValue)
    {
        var log = new MembershipLog(Samples.Network, new() { MaxBranches = 1024 });
        for (var i = 0; i < statements.Count; i++)
        {
            log.Add(statements[i]);
            if (i % askEvery == askEvery - 1) { _ = log.State; } // looking changes nothing
        }
        Assert.Equal(0, log.WaitingCount);
        return log;
    }

    private static IEnumerable<int> Seeds(int count) =>
        int.TryParse(Environment.GetEnvironmentVariable("COCO_SEED"), out var seed) ? [seed] : Enumerable.Range(0, count);
}
