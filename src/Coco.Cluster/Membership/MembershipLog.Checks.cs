using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <content>
/// Whether a statement may be in the log at all. It needs an office that some statement gave its issuer, and a chain of offices to the root:
/// strangers and guests take no room. Whether the office counts is asked later, of all statements together.
/// </content>
internal sealed partial class MembershipLog
{
    private Refusal Check(Statement statement, out StatementId? missing, out int distance)
    {
        missing = null;
        distance = 0;
        if (statement.Issuer == network.Key)
        {
            var isBeginning = statement is { Sequence: 0, Previous.IsDefault: true, Authority.IsDefault: true, Body.Type: StatementType.CreateNetwork };
            return !isBeginning ? Refusal.RootHasSpoken : _installed is not null ? Refusal.BeforeSnapshot : Refusal.None;
        }
        if (statement.Authority.IsDefault) { return Refusal.NotAuthorised; }
        if (statement.Previous.IsDefault != (statement.Sequence == 0)) { return Refusal.BrokenChain; }
        if (_installed is not null && _base.Covers(statement.Issuer, statement.Sequence)) { return Refusal.BeforeSnapshot; }

        if (FindOffice(statement, out var isKnown) is { } office) { distance = office.Distance; }
        else if (isKnown) { return Refusal.NotAuthorised; }
        else { missing = statement.Authority; }
        if (distance > MembershipOptions.MaxDistance) { return Refusal.NotAuthorised; }
        return CheckChain(statement, ref missing);
    }

    private Refusal CheckChain(Statement statement, ref StatementId? missing)
    {
        var head = _base.HeadOf(statement.Issuer);
        if (_entries.Find(statement.Previous) is { } previous)
        {
            if (previous.Statement.Issuer != statement.Issuer || previous.Sequence + 1 != statement.Sequence) { return Refusal.BrokenChain; }
        }
        else if (!statement.Previous.IsDefault && (statement.Previous != head.Last || statement.Sequence != head.Count))
        {
            if (_installed is not null && statement.Sequence == head.Count) { return Refusal.BeforeSnapshot; }
            missing ??= statement.Previous;
        }
        foreach (var seen in statement.After)
        {
            if (_entries.Find(seen.Id) is { } entry)
            {
                if (entry.AsHead != seen) { return Refusal.BrokenChain; }
            }
            else if (!_base.Covers(seen.Issuer, seen.Sequence)) { missing ??= seen.Id; }
        }
        return Refusal.None;
    }

    // The office the statement claims, if what it names gives its issuer one.
    private Office? FindOffice(Statement statement, out bool isKnown)
    {
        var given = _entries.Find(statement.Authority) is { } entry ? Office.GivenBy(entry) : _baseOffices.GetValueOrDefault(statement.Authority);
        isKnown = given is not null;
        foreach (var office in given ?? [])
        {
            if (office.Key == statement.Issuer) { return office; }
        }
        return null;
    }

    // What a more senior issuer's statement waits for has room: nobody escapes a revocation by filling the log.
    private Refusal CheckRoom(Statement statement, int distance)
    {
        if (_entries.Bytes + statement.Encoded.Length > 2 * options.MaxBytes) { return Refusal.LogFull; }
        var refusal = CheckShare(statement, distance);
        return refusal is not Refusal.None && IsWantedBySenior(statement.Id, distance) ? Refusal.None : refusal;
    }

    private Refusal CheckShare(Statement statement, int distance)
    {
        var tally = _entries.Chains.GetValueOrDefault(statement.Issuer);
        if (tally.Statements == 0 && distance > 0 && _entries.Chains.Count >= options.MaxIssuers) { return Refusal.TooManyIssuers; }
        var most = distance == 0 ? 10L * options.MaxStatementsOfIssuer : options.MaxStatementsOfIssuer;
        if (tally.Statements >= most) { return Refusal.TooManyOfIssuer; }
        var isFork = _entries.After(statement.Issuer, statement.Previous).Count > 0;
        if (isFork && tally.Forks + 1 >= options.MaxBranches) { return Refusal.TooManyBranches; }
        var room = options.MaxBytes - (options.MaxBytes / 4 * Math.Min(distance, 2));
        return _entries.Bytes + statement.Encoded.Length > room ? Refusal.LogFull : Refusal.None;
    }
}
