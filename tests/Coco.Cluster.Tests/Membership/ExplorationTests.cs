using System.Diagnostics;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

/// <summary>
/// Every history of a few acts by an owner and two admins, each act having seen everything before it or nothing, told in every order.
/// Three acts here, four with COCO_ALL=1.
/// </summary>
public sealed class ExplorationTests
{
    private static readonly int Depth = Samples.All ? 4 : 3;

    // The owner is 1, the recovery key 2, the admins 3 (senior) and 4; 5 is a user.
    private static readonly (int Actor, string Act)[] Alphabet =
    [
        (1, "revoke 3"), (1, "revoke 4, nothing kept"), (1, "appoint 3"), (1, "transfer to 3"), (1, "policy"), (1, "fork"),
        (3, "revoke 4"), (3, "revoke 4, nothing kept"), (3, "appoint 5"), (3, "policy"), (3, "fork"), (3, "revoke 1"),
        (4, "revoke 3"), (4, "appoint 5"), (4, "revoke 5"), (4, "policy"), (2, "recover to 5"),
    ];

    private readonly Dictionary<(int Actor, StatementId Previous, StatementId Authority, string Act, StatementId Seen, StatementId Cut), Statement> _signed = [];
    private readonly Statement[] _begin;

    public ExplorationTests()
    {
        var owner = Party.Knowing(1);
        _begin = [Party.Beginning, owner.MakesAdmin(new(3)), owner.MakesAdmin(new(4))];
    }

    [Fact]
    public void Every_small_history_ends_in_one_state_in_every_order()
    {
        var watch = Stopwatch.StartNew();
        var (histories, orders, states) = (0, 0, new HashSet<StatementId>());
        foreach (var acts in Histories([]))
        {
            histories++;
            var first = default(byte[]);
            foreach (var order in Permutations(acts))
            {
                orders++;
                var log = Deliver(order);
                var state = log.State.Canonical;
                first ??= state.ToArray();
                Assert.True(first.AsSpan().SequenceEqual(state.Span), string.Join(", ", acts));
            }
            AssertSound(acts);
            states.Add(StatementId.Of(first));
        }
        Assert.True(states.Count > 100, $"{histories} histories, {orders} orders, {states.Count} states");
        TestContext.Current.SendDiagnosticMessage($"{histories} histories, {orders} orders, {states.Count} states, {watch.Elapsed.TotalSeconds:0.0} s");
        if (Environment.GetEnvironmentVariable("COCO_FIGURES") is { } figures)
        {
            File.AppendAllText(figures, $"| small membership histories explored, of up to {Depth} acts | {histories}, in {orders} orders, {states.Count} states |\n");
        }
    }

    // What the rules promise of whoever revoked, whatever else happened.
    private static void AssertSound(IReadOnlyList<Statement> acts)
    {
        var log = Deliver(acts);
        var state = log.State;
        Assert.Contains(state.Owner!.Value, new[] { Samples.User(1), Samples.User(3), Samples.User(5) });
        var recovered = acts.Any(static act => act.Body is StatementBody.Recover);
        if (recovered) { Assert.Equal(Samples.User(5), state.Owner); }
        foreach (var act in acts.Where(act => log.ReasonOf(act.Id) is VoidReason.None))
        {
            if (act.Body is not StatementBody.Revoke { Kind: RevokeKind.User } revoke) { continue; }
            var user = new UserId(revoke.SubjectKey);
            Assert.NotEqual(Samples.User(1), act.Issuer == Samples.Key(3).Id && state.Owner == user ? user : default);
            // In force, and nothing here lifts it: no office of the user is open that the revoker is senior to.
            if (state.Owner != user) { Assert.DoesNotContain(state.Admins, tenure => tenure.Key == user.Key && act.Issuer == Samples.Key(1).Id); }
        }
        // Whoever acted in no office, or beyond a cut, appointed nobody.
        Assert.All(state.Admins, tenure => Assert.Equal(VoidReason.None, log.ReasonOf(tenure.Id)));
    }

    private IEnumerable<List<Statement>> Histories(List<Statement> before)
    {
        if (before.Count > 0) { yield return before; }
        if (before.Count == Depth) { yield break; }
        foreach (var (actor, act) in Alphabet)
        {
            for (var seen = 0; seen < 2; seen++)
            {
                if (Next(before, actor, act, seen == 1) is not { } statement || before.Exists(other => other.Id == statement.Id)) { continue; }
                foreach (var history in Histories([.. before, statement])) { yield return history; }
            }
        }
    }

    private Statement? Next(List<Statement> before, int actor, string act, bool hasSeen)
    {
        var key = Samples.Key(actor);
        var chain = _begin.Concat(before).Where(statement => statement.Issuer == key.Id).ToList();
        if (act == "fork")
        {
            if (chain.Count == 0) { return null; }
            chain.RemoveAt(chain.Count - 1);
        }
        var last = hasSeen ? before.FindLast(statement => statement.Issuer != key.Id) : null;
        if (hasSeen && last is null) { return null; } // the same as not having seen anything
        var authority = actor switch { 3 => _begin[1].Id, 4 => _begin[2].Id, _ => Party.Beginning.Id };
        var previous = chain.Count == 0 ? default : chain[^1].Id;
        var known = before.FindLast(statement => statement.Issuer == Samples.Key(SubjectOf(act)).Id);
        var name = (actor, previous, authority, act, last?.Id ?? default, known?.Id ?? default);
        if (_signed.TryGetValue(name, out var signed)) { return signed; }

        System.Collections.Immutable.ImmutableArray<ChainHead> after = last is null ? [] : [new ChainHead(last.Issuer, last.Sequence, last.Id)];
        signed = Statement.Sign(key, Samples.Network, chain.Count == 0 ? 0 : chain[^1].Sequence + 1, previous, authority, after, 1, Body(known, actor, act, previous));
        _signed.Add(name, signed);
        return signed;
    }

    private StatementBody Body(Statement? known, int actor, string act, StatementId previous)
    {
        var user = SubjectOf(act);
        if (act.StartsWith("revoke", StringComparison.Ordinal))
        {
            var cut = known is null || act.EndsWith("kept", StringComparison.Ordinal) ? default : new Cut(known.Sequence + 1, known.Id);
            return new StatementBody.Revoke(RevokeKind.User, StatementBody.Revoke.SubjectOf(Samples.Key(user).Id), cut, Keep.None);
        }
        return act[..4] switch
        {
            "appo" => new StatementBody.GrantRole(Samples.User(user), Role.Admin, []),
            "tran" => new StatementBody.Transfer(Samples.User(user), Consents.Sign(Samples.Key(user), Consents.Owner, Samples.Network, Party.Beginning.Id, Samples.Key(actor).Id, previous), default, null, Keep.All),
            "reco" => new StatementBody.Recover(Party.Beginning.Id, new(2, _begin[2].Id), Samples.User(user), default, Keep.None),
            _ => new StatementBody.SetPolicy(new[] { (byte)actor, (byte)act[0] }),
        };
    }

    private static int SubjectOf(string act) => act.FirstOrDefault(char.IsAsciiDigit, '0') - '0';

    private static MembershipLog Deliver(IReadOnlyList<Statement> acts)
    {
        var log = new MembershipLog(Samples.Network, new());
        log.Add(Party.Beginning);
        // The appointments come last, so that everything waits once.
        foreach (var act in acts) { log.Add(act); }
        foreach (var statement in Begin.Value.Reverse()) { log.Add(statement); }
        Assert.Equal(0, log.WaitingCount);
        return log;
    }

    private static readonly Lazy<Statement[]> Begin = new(static () => new ExplorationTests()._begin);

    private static IEnumerable<List<T>> Permutations<T>(List<T> items)
    {
        if (items.Count <= 1) { yield return [.. items]; yield break; }
        for (var i = 0; i < items.Count; i++)
        {
            List<T> rest = [.. items[..i], .. items[(i + 1)..]];
            foreach (var order in Permutations(rest)) { yield return [items[i], .. order]; }
        }
    }
}
