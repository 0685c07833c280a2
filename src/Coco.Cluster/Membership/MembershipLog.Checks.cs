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
        if (_installed is not null && IsBesideBase(statement)) { return IsRecoveryOfBase(statement) ? Refusal.None : Refusal.BeforeSnapshot; }

        if (FindOffice(statement, out var isKnown) is { } office) { distance = office.Distance; }
        else if (isKnown) { return Refusal.NotAuthorised; }
        else { missing = statement.Authority; }
        if (distance > MembershipOptions.MaxDistance) { return Refusal.NotAuthorised; }
        return CheckChain(statement, ref missing);
    }

    // Before the end that a chain has in the snapshot, or on another branch there.
    private bool IsBesideBase(Statement statement)
    {
        var head = _base.HeadOf(statement.Issuer);
        return statement.Sequence < head.Count || (statement.Sequence == head.Count && statement.Previous != head.Last);
    }

    // A thief of the owner's key makes snapshots, too: they can neither contain nor leave out what a key named in them says that goes before all
    // they tell of the line of owners. A snapshot that is honest has none such before its heads.
    private bool IsRecoveryOfBase(Statement statement)
    {
        if (statement.Body is not StatementBody.Recover recover) { return false; }
        var index = _base.Epochs.FindIndex(epoch => epoch.Id == recover.Epoch);
        if (index < 0 || _base.Epochs[index].Find(statement.Issuer, statement.Authority) is not { IsRetired: false } naming) { return false; }
        return index == _base.Epochs.Count - 1 || _base.Epochs[index + 1].Recovered is not { } known
            || new RecoveryRank(naming.Position, statement.Sequence, statement.Id).IsBefore(known);
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
            missing ??= statement.Previous;
        }
        if (_installed is not null && IsRecoveryOfBase(statement)) { return Refusal.None; } // what else it has seen may lie beside the snapshot
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
