namespace Coco.Data.Core;

/// <content>What peers say.</content>
internal sealed partial class DataExchange
{
    /// <summary>Reads a frame, without the exchange's state: may run while others use it. Null where it makes no sense.</summary>
    public DataFrame? Read(DataFrameType type, ReadOnlySpan<byte> body) => DataFrame.Read(type, body, _options, _signer);

    /// <summary>A frame of a peer's.</summary>
    public void Handle(DataLink link, DataFrame frame, TimeSpan now, long wall)
    {
        if (link.OutputBytes > _options.MaxLinkBytes && frame is not (DataFrame.Have or DataFrame.Entries or DataFrame.Ack))
        {
            // Whoever asks for more than it reads asks again; and so does this node.
            HandleDisturbed(link, now);
            return;
        }
        switch (frame)
        {
            case DataFrame.Have have: HandleHave(link, have, now); break;
            case DataFrame.Root root when Linked(link, root.Collection) is { } linked: HandleRoot(link, linked, root, now, wall); break;
            case DataFrame.InStep inStep when Linked(link, inStep.Collection) is { } linked: HandleInStep(link, linked, inStep, now, wall); break;
            case DataFrame.Branch branch when Linked(link, branch.Collection) is { } linked: HandleBranch(link, linked.Table, branch); break;
            case DataFrame.Ask ask when Linked(link, ask.Collection) is { } linked: HandleAsk(link, linked.Table, ask); break;
            case DataFrame.Leaf leaf when Linked(link, leaf.Collection) is { } linked: HandleLeaf(link, linked, leaf, now); break;
            case DataFrame.Offer offer when Linked(link, offer.Collection) is { } linked: HandleOffer(link, linked.Table, offer); break;
            case DataFrame.Want want when Linked(link, want.Collection) is { } linked:
                SendEntries(link, linked.Table, [.. want.Keys.Select(linked.Table.Find).OfType<EntryRecord>()]);
                linked.HasProgress = true;
                break;
            case DataFrame.Entries entries: HandleEntries(link, entries, now, wall); break;
            case DataFrame.Ack ack: HandleAck(link, ack); break;
        }
    }

    private LinkedTable? Linked(DataLink link, Digest collection) =>
        link.Tables.TryGetValue(collection, out var linked) && linked.IsShared && _members.MayRead(link.Peer, linked.Table.Name) ? linked : null;

    private void HandleRoot(DataLink link, LinkedTable linked, DataFrame.Root root, TimeSpan now, long wall)
    {
        var table = linked.Table;
        if (table.Root == root.Value)
        {
            link.Send(DataFrames.Digests(DataFrameType.InStep, root.Collection, FloorOf(table), root.Value));
            MarkInStep(link, linked, root.Floor, now, wall);
            return;
        }
        link.Send(DataFrames.Branch(table, 0, 0));
        linked.NextSync = now + SecondTurn + ShortPause; // the peer goes down the tree now
    }

    private void HandleInStep(DataLink link, LinkedTable linked, DataFrame.InStep frame, TimeSpan now, long wall)
    {
        if (linked.Table.Root == frame.Value) { MarkInStep(link, linked, frame.Floor, now, wall); }
    }

    // Both have the same: so what one has forgotten to have been deleted is not at the other either.
    private void MarkInStep(DataLink link, LinkedTable linked, ulong floor, TimeSpan now, long wall)
    {
        var table = linked.Table;
        (linked.NextSync, linked.Pause) = (now + LongPause, TimeSpan.Zero);
        if (floor > table.Floor && floor <= OldestKept(wall) && _members.MayWrite(link.Peer, table.Name))
        {
            table.Floor = floor;
            _log.Append(table);
        }
        foreach (var receipt in _receipts.Values.Where(one => one.Collection == table.Name.Id).ToArray()) { receipt.Add(link.Peer); }
    }

    private static void HandleBranch(DataLink link, DataTable table, DataFrame.Branch branch)
    {
        var different = Enumerable.Range(branch.Index * DataTable.FanOut, DataTable.FanOut)
            .Where(index => table.DigestOf(branch.Level + 1, index) != branch.Parts[index % DataTable.FanOut]).ToArray();
        if (different.Length > 0) { link.Send(DataFrames.Ask(table.Name.Id, branch.Level + 1, different)); }
    }

    private static void HandleAsk(DataLink link, DataTable table, DataFrame.Ask ask)
    {
        foreach (var index in ask.Indices)
        {
            if (ask.Level < DataTable.LeafLevel) { link.Send(DataFrames.Branch(table, ask.Level, index)); }
            else { SendLeaf(link, table, index); }
        }
    }

    private static void SendLeaf(DataLink link, DataTable table, int index)
    {
        var last = new Digest(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);
        var entries = table.Leaf(index);
        var after = default(Digest);
        for (var at = 0; at == 0 || at < entries.Count; at += DataFrame.MaxItems)
        {
            var some = entries.Skip(at).Take(DataFrame.MaxItems).ToArray();
            var upTo = at + DataFrame.MaxItems >= entries.Count ? last : some[^1].KeyHash;
            link.Send(DataFrames.Leaf(table.Name.Id, index, FloorOf(table), after, upTo, some));
            after = upTo;
        }
    }

    // What the peer has newer is asked for, what is newer here is sent, and what is so old that the peer would not know that it was deleted is dropped.
    private void HandleLeaf(DataLink link, LinkedTable linked, DataFrame.Leaf leaf, TimeSpan now)
    {
        var table = linked.Table;
        var theirs = leaf.Items.ToDictionary(static item => item.Key);
        var newer = new List<EntryRecord>();
        var stale = new List<EntryRecord>();
        foreach (var record in table.Leaf(leaf.Index))
        {
            if (record.KeyHash.CompareTo(leaf.After) <= 0 || record.KeyHash.CompareTo(leaf.UpTo) > 0) { continue; }
            if (!theirs.TryGetValue(record.KeyHash, out var item))
            {
                var isStale = record.Version.Time <= leaf.Floor && record.Previous is null && _members.MayWrite(link.Peer, table.Name);
                (isStale ? stale : newer).Add(record);
            }
            else if (record.ContentHash != item.Content && record.Version.Time >= item.Time) { newer.Add(record); }
        }
        SendEntries(link, table, newer);
        SendWants(link, table, leaf.Items);
        foreach (var record in stale) { Drop(table, record); }
        if (stale.Count > 0) { Hasten(linked, now + ShortPause); }
    }

    private static void HandleOffer(DataLink link, DataTable table, DataFrame.Offer offer) => SendWants(link, table, offer.Items);

    private static void SendWants(DataLink link, DataTable table, IEnumerable<EntryItem> items)
    {
        var wanted = items.Where(item => table.Find(item.Key) is { } record
            ? record.ContentHash != item.Content && record.Version.Time <= item.Time
            : item.Time > table.Floor).Select(static item => item.Key);
        foreach (var some in wanted.Chunk(DataFrame.MaxWanted)) { link.Send(DataFrames.Want(table.Name.Id, some)); }
    }

    private void SendEntries(DataLink link, DataTable table, IReadOnlyList<EntryRecord> records)
    {
        var (some, awaited, size) = (new List<byte[]>(), new List<Digest>(), 0);
        foreach (var record in records)
        {
            if (link.OutputBytes + size > _options.MaxLinkBytes) { break; } // the rest is found missing the next time
            if (Load(record)?.Bytes is not { } bytes) { continue; }
            if (size > 0 && size + bytes.Length > DataFrame.EntriesSize) { Flush(); }
            some.Add(bytes);
            size += bytes.Length;
            if (_receipts.ContainsKey(record.ContentHash)) { awaited.Add(record.ContentHash); }
        }
        if (size > 0) { Flush(); }

        void Flush()
        {
            link.Send(DataFrames.Entries(table.Name.Id, awaited.Count > 0 ? link.Number([.. awaited]) : 0, some));
            (some, awaited, size) = ([], [], 0);
        }
    }

    private void HandleEntries(DataLink link, DataFrame.Entries frame, TimeSpan now, long wall)
    {
        var (refused, why) = (frame.Bad, frame.Bad > 0 ? Refusal.Invalid : Refusal.None);
        if (!_tables.TryGetValue(frame.Collection, out var table))
        {
            link.Send(DataFrames.Ack(frame.Number, frame.Good.Count + frame.Bad, Refusal.NotPermitted));
            return;
        }
        var taken = new List<EntryRecord>();
        foreach (var entry in frame.Good)
        {
            if (table.Find(entry.KeyHash) is { } known && SignedEntry.Compare(known.Version, known.ContentHash, entry.Version, entry.ContentHash) >= 0) { continue; }
            var refusal = Judge(link, table, entry, wall);
            if (refusal is Refusal.None)
            {
                _lastTime = Math.Max(_lastTime, entry.Version.Time);
                taken.Add(Store(table, entry));
                continue;
            }
            (refused, why) = (refused + 1, refusal);
            table.HasRefused |= refusal is not Refusal.Stale;
        }
        if (refused > 0) { Refused?.Invoke(link.Peer, table.Name, refused, why); }
        if (frame.Number > 0 || refused > 0) { link.Send(DataFrames.Ack(frame.Number, refused, why)); }
        if (taken.Count == 0) { return; }
        if (link.Tables.TryGetValue(frame.Collection, out var linked)) { linked.HasProgress = true; }
        OfferToOthers(link, table, taken, now);
    }

    // Who may write may also bring what others have written, whom this node does not know, or not any more: it could have written that itself. In a
    // user's collection the seal shows that one of the user's nodes has made it, as long as nobody who was removed knows its key.
    private Refusal Judge(DataLink link, DataTable table, SignedEntry entry, long wall)
    {
        if (entry.Version.Time >> 16 > (ulong)Math.Max(0, wall + (long)_options.MaxAhead.TotalMilliseconds)) { return Refusal.Ahead; }
        var seen = table.Open?.Invoke(entry) ?? new(EntrySight.Closed);
        if (seen.Sight is EntrySight.Wrong) { return Refusal.Invalid; }
        if (!seen.IsProven && !_members.MayWrite(entry.Version.Writer, table.Name) && !_members.MayWrite(link.Peer, table.Name)) { return Refusal.NotPermitted; }
        if (table.Find(entry.KeyHash) is null && entry.Version.Time <= table.Floor) { return Refusal.Stale; }
        return HasRoomFor(table, entry.KeyHash, entry.Bytes.Length) && HasRoomToKeep(table, entry.Bytes.Length) ? Refusal.None : Refusal.Full;
    }

    private void HandleAck(DataLink link, DataFrame.Ack ack)
    {
        var contents = link.TakeNumber(ack.Number);
        if (ack.Refused > 0) { WasRefused?.Invoke(link.Peer, (int)Math.Min(int.MaxValue, ack.Refused), ack.Why); }
        foreach (var content in contents)
        {
            if (!_receipts.TryGetValue(content, out var receipt)) { continue; }
            if (ack.Refused == 0) { receipt.Add(link.Peer); }
            else { receipt.Refused = ack.Why; }
        }
    }
}
