using Coco.Crypto;

namespace Coco.Data.Core;

/// <content>Peers, which collections are shared with which, and when what is looked at.</content>
internal sealed partial class DataExchange
{
    /// <summary>Chosen: what is under way between two nodes is over by then, mostly.</summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(1);

    /// <summary>Chosen: the one with the greater identity asks only where the other has not.</summary>
    private static readonly TimeSpan SecondTurn = TimeSpan.FromSeconds(3);

    /// <summary>Chosen: what changes is pushed; this finds what was lost on the way, and must not keep radios awake.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromMinutes(10);

    /// <summary>Chosen: the writer's own push comes sooner.</summary>
    private static readonly TimeSpan OfferTime = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan SweepTime = TimeSpan.FromHours(1);

    private TimeSpan _offersDue = TimeSpan.MaxValue;
    private TimeSpan _sweepDue = SweepTime;

    /// <summary>When <see cref="HandleTimeout"/> is to be called.</summary>
    public TimeSpan Deadline
    {
        get
        {
            var due = _offersDue < _sweepDue ? _offersDue : _sweepDue;
            foreach (var link in _links.Values)
            {
                foreach (var linked in link.Tables.Values)
                {
                    if (linked.NextSync < due) { due = linked.NextSync; }
                }
            }
            return due;
        }
    }

    public DataLink? FindLink(NodeId peer) => _links.GetValueOrDefault(peer);

    /// <summary>There is a way to talk to a peer.</summary>
    public DataLink HandleLinkUp(NodeId peer)
    {
        if (_links.TryGetValue(peer, out var link)) { return link; }
        _links.Add(peer, link = new(peer));
        Tell(link, wantsAnswer: true);
        return link;
    }

    public void HandleLinkDown(DataLink link)
    {
        if (_links.GetValueOrDefault(link.Peer) == link) { _links.Remove(link.Peer); }
    }

    /// <summary>Something may have been lost on the way to a peer.</summary>
    public static void HandleDisturbed(DataLink link, TimeSpan now)
    {
        foreach (var linked in link.Tables.Values.Where(static one => one.IsShared)) { Hasten(linked, now + ShortPause); }
    }

    /// <summary>Members or the policy have changed.</summary>
    public void HandleMembers(IDataMembers members)
    {
        _members = members;
        foreach (var link in _links.Values)
        {
            foreach (var id in link.Tables.Where(pair => !members.MayRead(link.Peer, pair.Value.Table.Name)).Select(static pair => pair.Key).ToArray()) { link.Tables.Remove(id); }
            Tell(link, wantsAnswer: true);
        }
    }

    public void HandleTimeout(TimeSpan now, long wall)
    {
        if (now >= _offersDue) { SendOffers(now); }
        if (now >= _sweepDue)
        {
            _sweepDue = now + SweepTime;
            foreach (var table in _tables.Values) { DropTombstones(table, wall); }
        }
        foreach (var link in _links.Values)
        {
            foreach (var linked in link.Tables.Values.Where(one => one.NextSync <= now))
            {
                if (link.OutputBytes > _options.MaxLinkBytes)
                {
                    linked.NextSync = now + ShortPause;
                    continue;
                }
                linked.Pause = linked.HasProgress || linked.Pause == TimeSpan.Zero ? ShortPause : Min(2 * linked.Pause, LongPause);
                (linked.NextSync, linked.HasProgress) = (now + linked.Pause, false);
                link.Send(DataFrames.Digests(DataFrameType.Root, linked.Table.Name.Id, FloorOf(linked.Table), linked.Table.Root));
            }
        }
    }

    /// <summary>Drops what says that entries were deleted long ago. Nothing as old that comes later is taken (<see cref="DataTable.Floor"/>).</summary>
    public void DropTombstones(DataTable table, long wall)
    {
        var limit = OldestKept(wall);
        var old = table.Entries.Where(record => record.IsDeleted && record.Version.Time < limit && record.Previous is null).ToArray();
        if (old.Length == 0) { return; }
        table.Floor = Math.Max(table.Floor, old.Max(static record => record.Version.Time));
        _log.Append(table); // first, so that a crash between does not forget more than it remembers
        foreach (var record in old) { Drop(table, record); }
    }

    private ulong OldestKept(long wall) => (ulong)Math.Max(0, wall - (long)_options.TombstoneTime.TotalMilliseconds) << 16;

    private void Drop(DataTable table, EntryRecord record)
    {
        _log.AppendDropped(table, record.KeyHash);
        table.Remove(record.KeyHash);
        _log.Release(record.Number, record.RecordLength);
    }

    // What was refused here is missing for other reasons than that it was deleted.
    private static ulong FloorOf(DataTable table) => table.HasRefused ? 0 : table.Floor;

    private void Tell(DataLink link, bool wantsAnswer)
    {
        var names = _tables.Values.Where(table => !link.Tables.ContainsKey(table.Name.Id) && _members.MayRead(link.Peer, table.Name)).ToArray();
        foreach (var some in names.Chunk(DataFrame.MaxNames))
        {
            foreach (var table in some) { link.Tables.Add(table.Name.Id, new(table)); }
            link.Send(DataFrames.Have(wantsAnswer, some.Select(static table => table.Name)));
        }
    }

    private void HandleHave(DataLink link, DataFrame.Have frame, TimeSpan now)
    {
        var answers = new List<CollectionName>();
        foreach (var name in frame.Names)
        {
            if (!_members.MayRead(link.Peer, name)) { continue; }
            if (!_tables.TryGetValue(name.Id, out var table))
            {
                if (!_members.Keeps(name) || !HasRoomForAnother(name)) { continue; }
                table = Add(name, _nextChannel);
                _log.Append(table);
            }
            if (!link.Tables.TryGetValue(name.Id, out var linked)) { link.Tables.Add(name.Id, linked = new(table)); }
            if (frame.WantsAnswer) { answers.Add(name); }
            linked.IsShared = true;
            linked.Pause = TimeSpan.Zero;
            linked.NextSync = _self.CompareTo(link.Peer) < 0 ? now : now + SecondTurn;
        }
        if (answers.Count > 0) { link.Send(DataFrames.Have(wantsAnswer: false, answers)); }
    }

    // A user's nodes must not use up what a keeper has for all. Keys are counted by themselves, as there is one such collection for those of an app.
    private bool HasRoomForAnother(CollectionName name) =>
        _tables.Count < _options.MaxCollections
        && _tables.Values.Count(table => !table.IsOpened && table.Name.User == name.User && table.Name.HasKeys == name.HasKeys) < _options.MaxKeptOfUser;

    private bool HasRoomToKeep(DataTable table, int size) =>
        table.IsOpened || _tables.Values.Sum(static one => one.IsOpened ? 0 : one.Bytes) + size <= _options.MaxKeptBytes;

    private void SendOffers(TimeSpan now)
    {
        _offersDue = TimeSpan.MaxValue;
        foreach (var link in _links.Values)
        {
            foreach (var linked in link.Tables.Values.Where(static one => one.Offers.Count > 0))
            {
                var news = linked.Offers.Where(item => linked.Table.Find(item.Key)?.ContentHash == item.Content).ToArray();
                if (link.OutputBytes > _options.MaxLinkBytes || news.Length > 16 * DataFrame.MaxItems) { Hasten(linked, now + ShortPause); }
                else
                {
                    foreach (var some in news.Chunk(DataFrame.MaxItems)) { link.Send(DataFrames.Offer(linked.Table.Name.Id, some)); }
                }
                linked.Offers.Clear();
            }
        }
    }

    private void OfferToOthers(DataLink from, DataTable table, IReadOnlyList<EntryRecord> records, TimeSpan now)
    {
        foreach (var link in _links.Values)
        {
            if (link == from || !link.Tables.TryGetValue(table.Name.Id, out var linked) || !linked.IsShared) { continue; }
            if (linked.Offers.Count <= 16 * DataFrame.MaxItems) { linked.Offers.AddRange(records.Where(record => record.Version.Writer != link.Peer).Select(EntryItem.Of)); }
            if (linked.Offers.Count > 0 && _offersDue == TimeSpan.MaxValue) { _offersDue = now + OfferTime; }
        }
    }

    private static void Hasten(LinkedTable linked, TimeSpan at)
    {
        linked.Pause = TimeSpan.Zero;
        if (at < linked.NextSync) { linked.NextSync = at; }
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
