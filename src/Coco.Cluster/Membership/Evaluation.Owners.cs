using System.Collections.Immutable;
using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <content>
/// The line of owners. Each epoch ends by the owner's transfer, or by a recovery, which goes before anything the owner did beyond its cut.
/// </content>
internal sealed partial class Evaluation
{
    /// <summary>What owners did in office, and which epoch it was.</summary>
    private readonly List<(Entry Act, int Epoch)> _ownerActs = [];

    private void FindOwners()
    {
        if (Facts.Epochs.Count == 0 && !TryFindBeginning()) { return; }
        for (var i = 0; i < Facts.Epochs.Count; i++)
        {
            var epoch = Facts.Epochs[i];
            var next = i < Facts.Epochs.Count - 1 ? Facts.Epochs[i + 1] : null;
            if (BestRecovery(epoch) is var (naming, rank, recovery) && rank.Id != next?.Id && (next?.Recovered is not { } known || rank.IsBefore(known)))
            {
                var body = (StatementBody.Recover)recovery.Body;
                Facts.Epochs.RemoveRange(i, Facts.Epochs.Count - i);
                RunEpoch(epoch with { Namings = UpTo(naming, epoch.Namings) }, i, LeftBy(body.Cut, epoch, naming), body.Keep);
                Pin(recovery.Statement.Issuer, recovery.Id);
                Count(recovery);
                Facts.Epochs.Add(new(recovery.Id, body.NewOwner, [new(body.Recovery, recovery.Id, 0, false)], Keep.All, rank));
            }
            else if (next is null)
            {
                Facts.Epochs.RemoveAt(i);
                if (SettledBy(epoch) is { } settled) { Pin(epoch.Owner.Key, settled.Id); }
                RunEpoch(epoch, i, PathOf(epoch.Owner.Key), null);
            }
        }
    }

    private bool TryFindBeginning()
    {
        var first = Smallest([.. _entries.After(_network.Key, default).Where(static entry => entry.Body is StatementBody.CreateNetwork)]);
        if (first?.Body is not StatementBody.CreateNetwork create) { return false; }
        Count(first);
        Facts.Epochs.Add(new(first.Id, create.Owner, [new(create.Recovery, first.Id, 0, false)], Keep.All));
        var settings = new StatementBody.SetSettings(create.Name, create.Profile, create.Settings);
        Write(RegisterKind.Settings, default, Place.Owner, first, settings);
        return true;
    }

    // Up to and with the transfer; then the next epoch is there to be looked at.
    private void RunEpoch(Epoch epoch, int index, IReadOnlyList<Entry> path, Keep? keep)
    {
        var namings = epoch.Namings;
        Epoch? next = null;
        foreach (var act in path)
        {
            if (act.Statement.Authority != epoch.Id) { continue; }
            if (next is not null) { _reasons.TryAdd(act.Id, VoidReason.BeyondCut); continue; }
            _ownerActs.Add((act, index));
            if (!act.Statement.IsAgreed) { continue; }
            if (act.Body is StatementBody.SetRecovery set) { namings = Named(namings, act, set); }
            if (act.Body is not StatementBody.Transfer transfer) { continue; }
            namings = Retired(namings, transfer.Retires);
            keep ??= transfer.Keep;
            next = new(act.Id, transfer.NewOwner, [new(transfer.Recovery, act.Id, 0, false)], Keep.All);
        }
        namings = [.. namings.Select(naming => naming with { IsRetired = IsRetired(epoch, naming) })];
        Facts.Epochs.Insert(index, epoch with { Namings = namings, Keep = keep ?? epoch.Keep });
        if (next is not null) { Facts.Epochs.Add(next); }
    }

    private static ImmutableArray<RecoveryNaming> Named(ImmutableArray<RecoveryNaming> namings, Entry act, StatementBody.SetRecovery set) =>
        Retired(namings, set.Retires).Add(new(set.Recovery, act.Id, act.Sequence + 1, false));

    private static ImmutableArray<RecoveryNaming> Retired(ImmutableArray<RecoveryNaming> namings, Retirement? retirement) =>
        [.. namings.Select(naming => naming.By == retirement?.Naming && naming.Key == retirement.Key ? naming with { IsRetired = true } : naming)];

    /// <summary>The recovery that ends an epoch, if one does.</summary>
    private (RecoveryNaming Naming, RecoveryRank Rank, Entry Entry)? BestRecovery(Epoch epoch)
    {
        (RecoveryNaming, RecoveryRank Rank, Entry)? best = null;
        var settled = new Lazy<Entry?>(() => SettledBy(epoch));
        foreach (var entry in _recoveries)
        {
            if (((StatementBody.Recover)entry.Body).Epoch != epoch.Id) { continue; }
            if (NamingOf(epoch, entry, settled) is not { } naming)
            {
                _reasons.TryAdd(entry.Id, VoidReason.NotOnRecord);
                continue;
            }
            var rank = new RecoveryRank(naming.Position, entry.Sequence, entry.Id);
            if (best is null || rank.IsBefore(best.Value.Rank)) { best = (naming, rank, entry); }
        }
        return best;
    }

    // What named the key that recovers, unless it has given up its power: the office the recovery is made in says it, whatever its cut says.
    private RecoveryNaming? NamingOf(Epoch epoch, Entry recovery, Lazy<Entry?> settled)
    {
        var (key, by, owner) = (recovery.Statement.Issuer, recovery.Statement.Authority, epoch.Owner.Key);
        if (epoch.Find(key, by) is { } known) { return IsRetired(epoch, known) ? null : known; }
        if (_entries.Find(by) is not { Body: StatementBody.SetRecovery set } named || set.Recovery != key || !IsOfEpoch(named, epoch) || !IsAfterSnapshot(named)) { return null; }
        if (_paths.TryGetValue(owner, out var path) && !path.Contains(named)) { return null; } // the branch was decided in an epoch before
        var before = AncestorsOf(by, owner, Facts.HeadOf(owner).Last);
        if (before.Exists(act => act.Body is StatementBody.Transfer && IsOfEpoch(act, epoch))) { return null; }
        // Beside the branch that a retiring key has settled, the owner alone names nobody any more.
        if (settled.Value is { } end && !before.Contains(end) && !AncestorsOf(end.Id, owner, Facts.HeadOf(owner).Last).Contains(named)) { return null; }
        var naming = new RecoveryNaming(key, by, named.Sequence + 1, false);
        return IsRetired(epoch, naming) ? null : naming;
    }

    // A recovery believes the owner at least up to where its key was named, and at most up to where another was, or the network handed over.
    private List<Entry> LeftBy(Cut cut, Epoch epoch, RecoveryNaming naming)
    {
        var owner = epoch.Owner.Key;
        if (naming.By != epoch.Id) { Pin(owner, naming.By); }
        Pin(owner, cut.Last);
        var path = PathOf(owner);
        var from = path.FindIndex(act => act.Id == naming.By) + 1;
        if (from == 0 && epoch.Namings[^1].By != naming.By) { return []; } // the snapshot contains what ends it
        var left = Math.Max(from, LeftBy(cut, owner, path));
        var end = path.FindIndex(from, left - from, act => act.Body is StatementBody.SetRecovery or StatementBody.Transfer && IsOfEpoch(act, epoch));
        return path[..(end < 0 ? left : end)];
    }

    private static ImmutableArray<RecoveryNaming> UpTo(RecoveryNaming last, ImmutableArray<RecoveryNaming> namings) =>
        namings.IndexOf(last) is >= 0 and var index ? namings[..(index + 1)] : namings;

    private static bool IsOfEpoch(Entry act, Epoch epoch) =>
        act.Statement.Authority == epoch.Id && act.Statement.Issuer == epoch.Owner.Key && act.Statement.IsAgreed;

    // On whatever branch: the key itself has signed that it gives up its power.
    private bool IsRetired(Epoch epoch, RecoveryNaming naming) =>
        naming.IsRetired || RetirementsIn(epoch).Any(entry => Retirement.In(entry.Body) is { } retirement && retirement.Key == naming.Key && retirement.Naming == naming.By);

    // What a recovery key has signed, too, is above the owner alone: it settles the branch. Then those count that are named on it.
    private Entry? SettledBy(Epoch epoch)
    {
        var (namings, settled, owner) = (epoch.Namings, default(Entry), epoch.Owner.Key);
        while (true)
        {
            var next = RetirementsIn(epoch).Where(entry => entry != settled && Retirement.In(entry.Body) is { } retirement
                    && namings.Any(naming => naming.Key == retirement.Key && naming.By == retirement.Naming)
                    && (settled is null || AncestorsOf(entry.Id, owner, Facts.HeadOf(owner).Last).Contains(settled)))
                .OrderBy(static entry => entry.Sequence).ThenBy(static entry => entry.Id).FirstOrDefault();
            if (next is null) { return settled; }
            settled = next;
            namings = epoch.Namings;
            foreach (var act in AncestorsOf(next.Id, owner, Facts.HeadOf(owner).Last))
            {
                if (act.Body is StatementBody.SetRecovery set && IsOfEpoch(act, epoch)) { namings = Named(namings, act, set); }
            }
        }
    }

    private IEnumerable<Entry> RetirementsIn(Epoch epoch) => _retirements.Where(entry => IsOfEpoch(entry, epoch) && IsAfterSnapshot(entry));

    /// <summary>The newest snapshot that an owner in the line made and that is here whole.</summary>
    private byte[]? FindSnapshot()
    {
        var parts = _ownerActs.Where(static act => act.Act.Body is StatementBody.SnapshotPart).Select(static act => (StatementBody.SnapshotPart)act.Act.Body).ToList();
        var seen = new HashSet<StatementId>();
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            var digest = parts[i].Digest;
            if (!seen.Add(digest)) { continue; }
            var whole = parts.Where(part => part.Digest == digest && part.Count == parts[i].Count).DistinctBy(static part => part.Index).OrderBy(static part => part.Index).ToList();
            if ((ulong)whole.Count != parts[i].Count) { continue; }
            byte[] bytes = [.. whole.SelectMany(static part => part.Bytes.ToArray())];
            if (StatementId.Of(bytes) == digest && NetworkFacts.ReadSnapshot(bytes) is not null) { return bytes; }
        }
        return null;
    }
}
