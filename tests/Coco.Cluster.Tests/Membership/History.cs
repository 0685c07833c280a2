using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Membership;

/// <summary>
/// A random life of a network: an owner, admins, revoked admins, guests and a recovery key act on what each has heard so far, in whatever
/// office they ever had, and some sign two statements in one place. Nothing here cares whether an act is allowed.
/// </summary>
internal sealed class History
{
    private static readonly int[] Actors = [1, 2, 3, 4, 5, 6];

    private readonly Random _random;
    private readonly List<Statement> _offices = [Party.Beginning];
    private readonly List<Statement> _revocations = [];
    private readonly Dictionary<int, List<Statement>> _chains = Actors.ToDictionary(static actor => actor, static _ => new List<Statement>());

    public History(int seed, int acts)
    {
        _random = new(seed);
        for (var i = 0; i < acts; i++) { Act(); }
    }

    public List<Statement> Statements { get; } = [Party.Beginning];

    private void Act()
    {
        var actor = _random.Next(3) == 0 ? 1 : Pick(Actors);
        var own = _offices.Where(statement => Office.GivenBy(new(statement, 0)).Any(office => office.Key == Samples.Key(actor).Id)).ToList();
        if (own.Count == 0) { return; }
        var authority = Pick(own).Id;
        var chain = _chains[actor];
        // One time in eight the chain forks, somewhere.
        var previous = chain.Count == 0 || _random.Next(24) == 0 ? null : _random.Next(8) == 0 ? Pick(chain) : chain[^1];
        var statement = Statement.Sign(
            Samples.Key(actor), Samples.Network, previous is null ? 0 : previous.Sequence + 1, previous?.Id ?? default, authority, Seen(actor), (ulong)_random.Next(), Body(actor, authority, previous?.Id ?? default));
        if (Statements.Exists(other => other.Id == statement.Id)) { return; }
        Statements.Add(statement);
        chain.Add(statement);
        if (Office.GivenBy(new(statement, 0)).Length > 0) { _offices.Add(statement); }
        if (statement.Body is StatementBody.Revoke) { _revocations.Add(statement); }
    }

    private System.Collections.Immutable.ImmutableArray<ChainHead> Seen(int actor)
    {
        var seen = Actors.Where(other => other != actor && _chains[other].Count > 0 && _random.Next(2) == 0).Select(other => Pick(_chains[other]));
        return [.. seen.Select(static statement => new ChainHead(statement.Issuer, statement.Sequence, statement.Id))];
    }

    private StatementBody Body(int actor, StatementId authority, StatementId previous)
    {
        var user = Pick(Actors);
        return _random.Next(14) switch
        {
            0 or 1 => new StatementBody.GrantRole(Samples.User(user), Role.Admin, Lifts()),
            2 => new StatementBody.GrantRole(Samples.User(user), Role.Guest, Lifts()),
            3 or 4 => new StatementBody.Revoke(RevokeKind.User, StatementBody.Revoke.SubjectOf(Samples.Key(user).Id), SomeCut(user), SomeKeep()),
            5 => new StatementBody.Revoke(_random.Next(3) == 0 ? RevokeKind.Keep : RevokeKind.Grant, Pick(Statements).Id, SomeCut(user), SomeKeep()),
            6 => new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(Samples.Key(user + 20).Id), default, Keep.None),
            7 => new StatementBody.SetPolicy(new[] { (byte)_random.Next(256) }),
            8 => new StatementBody.Rename(Samples.Key(user + 20).Id, $"node {_random.Next(3)}"),
            9 => new StatementBody.Delegate(Samples.Key(user).Id, default, 0),
            10 => Transfer(actor, user, authority, previous),
            11 => new StatementBody.RotateKey(Samples.Key(user).Id, Consents.Sign(Samples.Key(user), Consents.Rotation, Samples.Network, authority, Samples.Key(actor).Id, previous)),
            12 => Recovery(actor, user, previous),
            _ => new StatementBody.Unknown((StatementType)99, new byte[] { (byte)_random.Next(4) }),
        };
    }

    private StatementBody.Transfer Transfer(int actor, int user, StatementId authority, StatementId previous)
    {
        var consent = Consents.Sign(Samples.Key(user), Consents.Owner, Samples.Network, authority, Samples.Key(actor).Id, previous);
        return new StatementBody.Transfer(Samples.User(user), consent, user == 2 ? default : Samples.Key(2).Id, SomeRetirement(actor, previous), SomeKeep());
    }

    private StatementBody Recovery(int actor, int user, StatementId previous)
    {
        if (actor == 1) { return new StatementBody.SetRecovery(_random.Next(4) == 0 ? default : Samples.Key(_random.Next(2) == 0 ? 2 : 6).Id, SomeRetirement(actor, previous)); }
        var epochs = _offices.Where(static statement => statement.Body is StatementBody.CreateNetwork or StatementBody.Transfer or StatementBody.Recover).ToList();
        return new StatementBody.Recover(Pick(epochs).Id, SomeCut(_random.Next(2) == 0 ? 1 : user), Samples.User(user), user == 2 ? default : Samples.Key(2).Id, SomeKeep());
    }

    private Retirement? SomeRetirement(int actor, StatementId previous) => _random.Next(3) == 0
        ? Retirement.Sign(Samples.Key(2), Pick(_offices).Id, Samples.Network, Samples.Key(actor).Id, previous)
        : null;

    private System.Collections.Immutable.ImmutableArray<StatementId> Lifts() =>
        _revocations.Count > 0 && _random.Next(2) == 0 ? [Pick(_revocations).Id] : [];

    // True, or nothing, or a lie.
    private Cut SomeCut(int user)
    {
        var chain = _chains[user];
        if (chain.Count == 0 || _random.Next(5) == 0) { return default; }
        var last = Pick(chain);
        return _random.Next(8) == 0 ? new(last.Sequence + 2, last.Id) : new(last.Sequence + 1, last.Id);
    }

    private Keep SomeKeep() => _random.Next(3) switch { 0 => Keep.None, 1 => Keep.All, _ => Keep.Only([Samples.Id(_random.Next(4))]) };

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
