using System.Buffers;
using Coco.Cluster.Graph;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Mesh;

/// <content>
/// Advertisements in and out.
/// <code>
/// Advertisements       = scope ‖ ( seconds the node has been out of reach varint ‖ length varint ‖ advertisement ) × …
/// AdvertisementsWanted = scope ‖ first 8 bytes of a NodeId × …
/// </code>
/// The time out of reach travels along, unsigned, so that a node that is gone is forgotten everywhere a lifetime later, however often its
/// advertisement is handed on. Lying about it makes a peer remember or forget one who cannot be reached, no more.
/// </content>
internal sealed partial class MeshNode
{
    // Chosen: a peer that heard little may tell of one of our last days before a backup first, and of a later one after it.
    private const int OutdoneByCopy = 3;

    private readonly Dictionary<NodeId, Waiting> _waiting = [];

    private MeshRefusal HandleAdvertisements(MeshPeer peer, ReadOnlySpan<byte> body, TimeSpan now)
    {
        var reader = new SpanReader(body);
        if (!ScopeId.TryRead(ref reader, out var scope)) { return MeshRefusal.Malformed; }
        if (!MaySee(peer.Id, scope)) { return MeshRefusal.OutOfScope; }
        if (Own(scope) is not { } own || !peer.Shared.Contains(own.Index)) { return MeshRefusal.None; }
        peer.HandleAnswer(now);
        var worst = MeshRefusal.None;
        var unknown = new List<NodeId>();
        while (!reader.IsEmpty)
        {
            if (!reader.TryReadVarInt(out var age) || !reader.TryReadVarIntBytes(out var bytes)) { return MeshRefusal.Malformed; }
            if (!peer.TryPay(1, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
            if (!Advertisement.TryReadHeader(bytes, out var header)) { return MeshRefusal.Malformed; }
            var refusal = header.Scope == scope ? Take(peer, own, bytes, header, age, now, unknown) : MeshRefusal.OutOfScope;
            if (refusal is MeshRefusal.None) { continue; }
            MeshLog.AdvertisementRefused(_logger, peer.Id, header.Node, scope, refusal);
            if (refusal is MeshRefusal.BadSignature) { worst = refusal; } else { Count(refusal); }
        }
        WriteCertificatesWanted(peer, unknown);
        return worst;
    }

    private MeshRefusal Take(
        MeshPeer? from, OwnScope own, ReadOnlySpan<byte> bytes, in Advertisement.Header header, ulong age, TimeSpan now, List<NodeId>? unknown)
    {
        if (header.Node == Self) { return TakeOwn(own, bytes, header, now); }
        var slot = _graph.SlotOf(header.Node);
        var known = slot < 0 ? null : _graph.Find(slot, own.Index)?.Advertisement;
        if (known is not null && header.Sequence <= known.Sequence && IsStale(from, slot, own, known, bytes, header)) { return MeshRefusal.Stale; }
        if (age >= header.Lifetime) { return MeshRefusal.Expired; }
        if (!_members.IsMember(header.Node)) { return Wait(from, own, bytes, header, age, now, unknown); }
        if (!MaySpeak(header.Node, own.Scope)) { return MeshRefusal.OutOfScope; }
        if (slot >= 0 && !MaySpeakNow(slot, now)) { return MeshRefusal.TooOften; }
        if (_pool.Get(bytes, header, _seal) is not { } advertisement) { return MeshRefusal.BadSignature; }
        if (slot < 0) { slot = _graph.Intern(header.Node, now - TimeSpan.FromSeconds(age)); }
        if (slot < 0) { return MeshRefusal.NoRoom; }
        Keep(from, slot, own, known, advertisement, now);
        return MeshRefusal.None;
    }

    private static bool IsStale(MeshPeer? from, int slot, OwnScope own, Advertisement known, ReadOnlySpan<byte> bytes, in Advertisement.Header header)
    {
        var check = AdvertisementHash.Of(bytes).Check;
        if (header.Sequence == known.Sequence && check > known.Hash.Check) { return false; }
        if (header.Sequence == known.Sequence && check == known.Hash.Check) { from?.News.Remove((slot, own.Index)); }
        return true;
    }

    // A bucket that is paid back in time: each advertisement moves the time on by an interval, at most a burst ahead of now.
    private bool MaySpeakNow(int slot, TimeSpan now)
    {
        ref var paidUntil = ref _graph[slot].PaidUntil;
        if (paidUntil - now > _options.OriginInterval * _options.OriginBurst) { return false; }
        paidUntil = (paidUntil > now ? paidUntil : now) + _options.OriginInterval;
        return true;
    }

    private void Keep(MeshPeer? from, int slot, OwnScope own, Advertisement? before, Advertisement advertisement, TimeSpan now)
    {
        var isNews = _graph.Put(slot, own.Index, advertisement);
        _wants.Remove((own.Index, advertisement.Tag));
        if (before is not null) { ProbeLost(before, advertisement); }
        foreach (var peer in _peers.Values)
        {
            if (peer == from || peer.Slot == slot || !peer.Shared.Contains(own.Index) || peer.News.Contains((slot, own.Index))) { continue; }
            peer.News.Add((slot, own.Index));
            _newsAt ??= now + NewsDelay + (Lateness(now) > LateWakeUp(now) * 2 ? Lateness(now) / 2 : LateWakeUp(now));
        }
        if (!isNews) { return; }
        ThinkSoon(now);
        ThinkAtOnceIfComplete(now);
    }

    // Whoever notices first that a node is gone says so, and its other neighbours need not wait for their own keep-alives.
    private void ProbeLost(Advertisement before, Advertisement after)
    {
        foreach (var peer in _peers.Values)
        {
            if (!before.TryFindLink(peer.Tag, out _) || after.TryFindLink(peer.Tag, out _)) { continue; }
            if (_graph.Find(peer.Slot, (byte)_graph.ScopeIndexOf(after.Scope))?.Advertisement.TryFindLink(after.Tag, out _) != true) { continue; }
            _commands.Enqueue(new(MeshCommandKind.Probe, peer.Id));
        }
    }

    // Our own advertisement from before a restart, or from a copy of our key: what we say now has to be newer.
    private MeshRefusal TakeOwn(OwnScope own, ReadOnlySpan<byte> bytes, in Advertisement.Header header, TimeSpan now)
    {
        if (own.Published is { } published && published.Sequence >= header.Sequence && published.Encoded.SequenceEqual(bytes)) { return MeshRefusal.None; }
        if (own.Published is { } mine && mine.Sequence > header.Sequence) { return MeshRefusal.Stale; }
        if (_pool.Get(bytes, header, _seal) is null) { return MeshRefusal.BadSignature; }
        // Numbers are reserved on disk before they are used: one that is still free here was used by a node that knows more, once where this one was
        // restored from a backup, again and again where both run. A lower one was this node's own before it was restarted.
        if (header.Sequence >= _sequence)
        {
            MeshLog.OwnSequenceSeen(_logger, Self, header.Sequence);
            if (++own.Outdone >= OutdoneByCopy) { _events.Enqueue(new(MeshEventKind.CopySeen)); }
        }
        _sequence = Math.Max(_sequence, header.Sequence + 1);
        own.Published = null;
        LinksChanged(own.Index, now);
        return MeshRefusal.None;
    }

    private MeshRefusal Wait(
        MeshPeer? from, OwnScope own, ReadOnlySpan<byte> bytes, in Advertisement.Header header, ulong age, TimeSpan now, List<NodeId>? unknown)
    {
        _wants.Remove((own.Index, NodeTag.Of(header.Node)));
        if (from is null || unknown is null || _certificates is null) { return MeshRefusal.NotMember; }
        if (!_waiting.ContainsKey(header.Node) && _waiting.Count >= _options.MaxWaiting)
        {
            foreach (var (node, waiting) in _waiting)
            {
                if (now >= waiting.Until) { _waiting.Remove(node); }
            }
            if (_waiting.Count >= _options.MaxWaiting) { return MeshRefusal.NotMember; }
        }
        var asked = _waiting.TryGetValue(header.Node, out var before) && now < before.Until && _peers.ContainsKey(before.From);
        _waiting[header.Node] = new(from.Id, own.Scope, bytes.ToArray(), age, asked ? before!.Until : now + from.Patience);
        _wantsAt = Earlier(_wantsAt, now + from.Patience);
        if (!asked) { unknown.Add(header.Node); }
        return MeshRefusal.None;
    }

    private void TryWaiting(TimeSpan now)
    {
        foreach (var (node, waiting) in _waiting)
        {
            if (!_members.IsMember(node)) { continue; }
            _waiting.Remove(node);
            if (Own(waiting.Scope) is not { } own) { continue; }
            var from = _peers.GetValueOrDefault(waiting.From);
            if (!Advertisement.TryReadHeader(waiting.Bytes, out var header)) { continue; }
            var refusal = Take(from, own, waiting.Bytes, header, waiting.Age, now, unknown: null);
            if (refusal is not MeshRefusal.None && from is not null) { Refuse(from, (ulong)MeshFrameType.Advertisements, refusal, now); }
        }
    }

    private void WriteCertificatesWanted(MeshPeer peer, List<NodeId> nodes)
    {
        if (nodes.Count == 0) { return; }
        var body = new byte[nodes.Count * NodeId.Size];
        for (var i = 0; i < nodes.Count; i++) { nodes[i].CopyTo(body.AsSpan(i * NodeId.Size)); }
        WriteFrame(peer, MeshFrameType.CertificatesWanted, body);
    }

    private MeshRefusal HandleWanted(MeshPeer peer, ReadOnlySpan<byte> body, TimeSpan now)
    {
        var reader = new SpanReader(body);
        if (!ScopeId.TryRead(ref reader, out var scope) || reader.RemainingLength % NodeTag.Size != 0) { return MeshRefusal.Malformed; }
        if (!MaySee(peer.Id, scope)) { return MeshRefusal.OutOfScope; }
        if (Own(scope) is not { } own || !peer.Shared.Contains(own.Index)) { return MeshRefusal.None; }
        if (!peer.TryPay(reader.RemainingLength / NodeTag.Size, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
        var give = new List<Advertisement>();
        while (reader.TryReadUInt64(out var tag))
        {
            var slot = _graph.SlotOf(new NodeTag(tag));
            if (slot >= 0 && _graph.Find(slot, own.Index) is { } entry) { give.Add(entry.Advertisement); }
        }
        WriteAdvertisements(peer, own, give, now);
        return MeshRefusal.None;
    }

    private void WriteAdvertisements(MeshPeer peer, OwnScope own, List<Advertisement> give, TimeSpan now)
    {
        if (give.Count == 0) { return; }
        var body = ArrayPool<byte>.Shared.Rent(MaxFrame);
        var writer = new SpanWriter(body);
        own.Scope.Write(ref writer);
        foreach (var advertisement in give)
        {
            var slot = _graph.SlotOf(advertisement.Tag);
            if (slot >= 0) { peer.News.Remove((slot, own.Index)); }
            writer.WriteVarInt(slot < 0 || _graph[slot].Reachable ? 0 : (ulong)(now - _graph[slot].LostAt).TotalSeconds);
            writer.WriteVarInt((ulong)advertisement.Encoded.Length);
            writer.WriteBytes(advertisement.Encoded);
            if (writer.Position < FrameTarget) { continue; }
            WriteFrame(peer, MeshFrameType.Advertisements, writer.Written);
            writer = new(body);
            own.Scope.Write(ref writer);
        }
        if (writer.Position > own.Scope.WireLength) { WriteFrame(peer, MeshFrameType.Advertisements, writer.Written); }
        ArrayPool<byte>.Shared.Return(body);
    }

    // A member's advertisement whose certificate we asked for.
    private sealed record Waiting(NodeId From, ScopeId Scope, byte[] Bytes, ulong Age, TimeSpan Until);
}
