using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>Who subscribes to what: every member's filters, told from neighbour to neighbour.</content>
internal sealed partial class TopicExchange
{
    // Chosen: a frame of 64 KiB, and how often two whose tables differ compare them.
    private const int MaxKnownInFrame = 4000;
    private static readonly TimeSpan KnownInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SumInterval = TimeSpan.FromSeconds(30);

    private readonly FilterTree<NodeId> _interests = new();
    private readonly HashSet<TopicLink> _owingKnown = []; // those that were told what is known here a moment ago
    private ulong _sum;
    private TimeSpan _sumAt;

    private void Flood(InterestRecord record, TopicLink? except)
    {
        foreach (var peer in _peers.Values)
        {
            if (peer.Link is { IsReady: true } link && link != except && link.Node != record.Node) { Send(link, TopicFrameType.Interests, record.Bytes); }
        }
    }

    private void TellInterests(TopicLink link)
    {
        if (_own is not null) { Send(link, TopicFrameType.Interests, _own.Bytes); }
    }

    private bool TryHandleInterests(TopicLink link, ReadOnlySpan<byte> body)
    {
        if (!InterestRecord.TryParse(body, _options, out var record)) { return false; }
        if (record.Node == Self)
        {
            Outdo(record);
            return true;
        }
        if (!_members.IsMember(record.Node)) { return true; }
        var peer = PeerOf(record.Node);
        if ((peer.Record is null || peer.Record.Version < record.Version) && (peer.Record is not null || _peers.Count <= _options.MaxMembers))
        {
            if (!record.IsSigned(_seal)) { return false; }
            Apply(peer, record);
            Flood(record, link);
        }
        if (record.Node == link.Node) { link.Out.AppendUInt64Frame(TopicFrameType.Seen, record.Version); }
        MarkWriting(link);
        return true;
    }

    // This node said more in an earlier life, by a clock that was ahead.
    private void Outdo(InterestRecord record)
    {
        if (_own is null || record.Version < _own.Version || record.Bytes.AsSpan().SequenceEqual(_own.Bytes) || !record.IsSigned(_seal)) { return; }
        _lastTime = Math.Max(_lastTime, record.Version);
        TellOwn(_own.IsLeaving);
    }

    private void Apply(TopicPeer peer, InterestRecord record)
    {
        var former = peer.Record;
        var before = former?.Interests.Select(static one => one.Filter).ToHashSet(StringComparer.Ordinal) ?? [];
        var after = record.Interests.Select(static one => one.Filter).ToHashSet(StringComparer.Ordinal);
        if (former is not null) { _sum -= former.Part; }
        _sum += record.Part;
        peer.Record = record;
        if (record.IsLeaving) { ForgetWills(peer.Node); }
        foreach (var gone in before) { if (!after.Contains(gone)) { _interests.Remove(gone, peer.Node); } }
        var added = after.Where(filter => !before.Contains(filter)).ToArray();
        foreach (var filter in added) { _interests.Add(filter, peer.Node); }
        before.SymmetricExceptWith(after);
        if (before.Count > 0) { _interestVersion++; }
        RefreshRoutes(before);
        TellValues(peer, added);
    }

    private void Forget(TopicPeer peer)
    {
        if (peer.Node == Self) { return; }
        if (peer.Record is { } record)
        {
            _sum -= record.Part;
            foreach (var interest in record.Interests.DistinctBy(static one => one.Filter, StringComparer.Ordinal)) { _interests.Remove(interest.Filter, peer.Node); }
            peer.Record = null;
            _interestVersion++;
        }
        if (peer.Link is { } link) { Drop(link); }
        _retrying.Remove(peer);
        foreach (var target in peer.Targets.ToArray()) { Remove(target); }
        _peers.Remove(peer.Node);
    }

    private void TellSum()
    {
        foreach (var peer in _peers.Values)
        {
            if (peer.Link is not { IsReady: true } link) { continue; }
            link.Out.AppendUInt64Frame(TopicFrameType.Sum, _sum);
            MarkWriting(link);
        }
    }

    private bool TryHandleSum(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadUInt64(out var sum)) { return false; }
        if (!link.IsSynced)
        {
            link.IsSynced = true;
            CheckSettled();
        }
        if (sum != _sum) { TellKnown(link); }
        return true;
    }

    private void TellKnown(TopicLink link)
    {
        if (link.NextKnown > _now)
        {
            _owingKnown.Add(link); // later, and not only when sums are told again
            return;
        }
        _owingKnown.Remove(link);
        link.NextKnown = _now + KnownInterval;
        var records = _peers.Values.Where(static peer => peer.Record is not null).Select(static peer => peer.Record!).OrderBy(static record => record.Tag).ToArray();
        var from = 0ul;
        for (var i = 0; i <= records.Length; i += MaxKnownInFrame)
        {
            var part = records.AsSpan(i, Math.Min(MaxKnownInFrame, records.Length - i));
            var isLast = i + MaxKnownInFrame > records.Length;
            var to = isLast ? ulong.MaxValue : part[^1].Tag;
            var body = new Outbox();
            body.AppendVarInt((ulong)part.Length);
            foreach (var record in part)
            {
                body.AppendUInt64(record.Tag);
                body.AppendUInt64(record.Version);
            }
            body.AppendUInt64(from);
            body.AppendUInt64(to);
            link.Out.AppendFrame(TopicFrameType.Known, body);
            from = to + 1;
            if (isLast) { break; }
        }
        MarkWriting(link);
    }

    private void TellKnownOwed()
    {
        foreach (var link in _owingKnown.Where(link => link.NextKnown <= _now).ToArray())
        {
            _owingKnown.Remove(link);
            if (!link.IsGone) { TellKnown(link); }
        }
    }

    private bool TryHandleKnown(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var count) || count > MaxKnownInFrame) { return false; }
        var known = new Dictionary<ulong, ulong>((int)Math.Min(count, (ulong)reader.RemainingLength / 16));
        for (var i = 0ul; i < count; i++)
        {
            if (!reader.TryReadUInt64(out var tag) || !reader.TryReadUInt64(out var version)) { return false; }
            known[tag] = version;
        }
        if (!reader.TryReadUInt64(out var from) || !reader.TryReadUInt64(out var to)) { return false; }
        foreach (var peer in _peers.Values)
        {
            if (peer.Record is not { } record || record.Tag < from || record.Tag > to) { continue; }
            var theirs = known.GetValueOrDefault(record.Tag);
            known.Remove(record.Tag);
            if (theirs < record.Version) { Send(link, TopicFrameType.Interests, record.Bytes); }
            else if (theirs > record.Version) { known[record.Tag] = theirs; }
        }
        if (known.Count > 0) { TellKnown(link); }
        if (to == ulong.MaxValue) { link.Out.AppendUInt64Frame(TopicFrameType.Sum, _sum); }
        MarkWriting(link);
        return true;
    }

    private bool TryHandleSeen(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadUInt64(out var version)) { return false; }
        link.SeenVersion = Math.Max(link.SeenVersion, version);
        CheckSettled();
        return true;
    }

    private void Send(TopicLink link, TopicFrameType type, ReadOnlySpan<byte> body)
    {
        link.Out.AppendFrame(type, body);
        MarkWriting(link);
    }

    /// <summary>Sends to a member, connecting with it first where need be.</summary>
    private void SendTo(TopicPeer peer, TopicFrameType type, ReadOnlySpan<byte> body)
    {
        if (peer.Link is { IsReady: true } link) { Send(link, type, body); }
        else if (peer.Owed.Length + body.Length <= MaxOwed)
        {
            peer.Owed.AppendFrame(type, body);
            Connect(peer);
        }
    }
}
