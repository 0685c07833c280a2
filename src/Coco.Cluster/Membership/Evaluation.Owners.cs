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
            var isLast = i == Facts.Epochs.Count - 1;
            if (BestRecovery(epoch) is { } recovery)
            {
                var body = (StatementBody.Recover)recovery.Body;
                Facts.Epochs.RemoveRange(i, Facts.Epochs.Count - i);
                Pin(epoch.Owner.Key, body.Cut.Last);
                var path = PathOf(epoch.Owner.Key);
                RunEpoch(epoch, i, path[..LeftBy(body.Cut, epoch.Owner.Key, path)], body.Keep);
                Pin(recovery.Statement.Issuer, recovery.Id);
                Count(recovery);
                Facts.Epochs.Add(new(recovery.Id, body.NewOwner, [new(body.Recovery, recovery.Id, 0, false)], Keep.All));
            }
            else if (isLast)
            {
                Facts.Epochs.RemoveAt(i);
                PinRetirements(epoch);
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

    /// <summary>The recovery that ends an epoch: by the key named first, then the first in that key's chain, then the smaller name.</summary>
    private Entry? BestRecovery(Epoch epoch)
    {
        (ulong Position, Entry Entry)? best = null;
        foreach (var entry in _recoveries)
        {
            var recover = (StatementBody.Recover)entry.Body;
            if (recover.Epoch != epoch.Id || !IsAfterSnapshot(entry)) { continue; }
            if (PositionOf(epoch, entry, recover.Cut) is not { } position)
            {
                _reasons.TryAdd(entry.Id, VoidReason.NotOnRecord);
                continue;
            }
            var candidate = (position, entry.Sequence, entry.Id);
            if (best is null || candidate.CompareTo((best.Value.Position, best.Value.Entry.Sequence, best.Value.Entry.Id)) < 0) { best = (position, entry); }
        }
        return best?.Entry;
    }

    // Where the key was named that is on record at the cut, if that is the one that recovers and has kept its power.
    private ulong? PositionOf(Epoch epoch, Entry recovery, Cut cut)
    {
        var owner = epoch.Owner.Key;
        var namings = epoch.Namings;
        if (IsTrue(cut, owner) && _entries.Find(cut.Last) is { } last && !IsCovered(last))
        {
            foreach (var act in AncestorsOf(cut.Last, owner, Facts.HeadOf(owner).Last))
            {
                if (act.Statement.Authority != epoch.Id || !act.Statement.IsAgreed) { continue; }
                if (act.Body is StatementBody.Transfer) { return null; }
                if (act.Body is StatementBody.SetRecovery set) { namings = Named(namings, act, set); }
            }
        }
        var record = namings.LastOrDefault(naming => naming.Position <= cut.Count);
        if (record.Key != recovery.Statement.Issuer || record.By != recovery.Statement.Authority || IsRetired(epoch, record)) { return null; }
        return record.Position;
    }

    // On whatever branch: the key itself has signed that it gives up its power.
    private bool IsRetired(Epoch epoch, RecoveryNaming naming) =>
        naming.IsRetired || RetirementsIn(epoch).Any(entry => RetirementOf(entry) is { } retirement && retirement.Key == naming.Key && retirement.Naming == naming.By);

    // What a recovery key has signed, too, is above the owner alone: it pins the branch. The key the epoch began with goes before later ones.
    private void PinRetirements(Epoch epoch)
    {
        var signed = RetirementsIn(epoch).Where(entry => IsNamed(epoch, RetirementOf(entry)!))
            .OrderBy(entry => epoch.Namings.All(naming => naming.By != RetirementOf(entry)!.Naming)).ThenBy(static entry => entry.Sequence).ThenBy(static entry => entry.Id);
        foreach (var entry in signed) { Pin(epoch.Owner.Key, entry.Id); }
    }

    private bool IsNamed(Epoch epoch, Retirement retirement) =>
        epoch.Namings.Any(naming => naming.Key == retirement.Key && naming.By == retirement.Naming)
        || (_entries.Find(retirement.Naming) is { Body: StatementBody.SetRecovery set } entry && set.Recovery == retirement.Key
            && entry.Statement.Authority == epoch.Id && entry.Statement.Issuer == epoch.Owner.Key && entry.Statement.IsAgreed);

    private IEnumerable<Entry> RetirementsIn(Epoch epoch) => _retirements.Where(entry =>
        entry.Statement.Authority == epoch.Id && entry.Statement.Issuer == epoch.Owner.Key && IsAfterSnapshot(entry));

    private static Retirement? RetirementOf(Entry entry) => entry.Body switch
    {
        StatementBody.Transfer transfer => transfer.Retires,
        StatementBody.SetRecovery set => set.Retires,
        _ => null,
    };

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
