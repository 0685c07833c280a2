using Coco.Cluster.Graph;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Mesh;

/// <content>
/// Each advertisement is fetched once, from whoever told of it first; others that tell of it too are asked when the first does not answer.
/// So every link carries a few bytes for each advertisement, and the advertisement itself only one link of each node.
/// How long answers take says how busy network and machines are. Where they take long, everything here is done more slowly, and so with fewer
/// messages: else what is sent because answers are late would keep them late.
/// </content>
internal sealed partial class MeshNode
{
    // Chosen: most round trips. Measured with 200 nodes that start at once over links of up to 87 ms: more costs bytes and gains no time.
    private static readonly TimeSpan UsualAnswer = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan MostLate = TimeSpan.FromSeconds(10);

    // Chosen: when all that started at once is up, the machine has time again from one moment to the next, and none of the few timers that are
    // set for long may fire for seconds. What was late by more is believed for longer: a quarter of it.
    private static readonly TimeSpan WakeUpHalfLife = TimeSpan.FromMilliseconds(250);

    // Chosen: some systems' timers tick in steps of 16 ms, and a collection or a burst of packets may take as long.
    private static readonly TimeSpan UsualWakeUp = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<(byte Scope, NodeTag Tag), Want> _wants = [];
    private readonly List<(NodeId Peer, byte Scope, NodeTag Tag)> _asking = [];
    private readonly List<TimeSpan> _answerTimes = [];
    private TimeSpan? _wantsAt;
    private TimeSpan _wakeUp;
    private TimeSpan _wokeAt;
    private TimeSpan _gatherUntil;

    // By how much answers take longer than in a network with time to spare, and this node's timers than on a machine with time to spare: what a
    // machine does for many nodes is seen here first, before anybody was asked.
    private TimeSpan Lateness(TimeSpan now)
    {
        var (answers, wakeUp) = (UsualAnswerOfPeers() - UsualAnswer, LateWakeUp(now));
        var late = answers > wakeUp ? answers : wakeUp;
        return late < MostLate ? late : MostLate;
    }

    private TimeSpan LateWakeUp(TimeSpan now)
    {
        var late = WakeUp(now);
        return late < UsualWakeUp ? TimeSpan.Zero : late < MostLate ? late - UsualWakeUp : MostLate;
    }

    // The median, because one bad link is no reason to be slow.
    private TimeSpan UsualAnswerOfPeers()
    {
        if (_peers.Count == 0) { return TimeSpan.Zero; }
        _answerTimes.Clear();
        foreach (var peer in _peers.Values) { _answerTimes.Add(peer.AnswerTime); }
        _answerTimes.Sort();
        return _answerTimes[_answerTimes.Count / 2];
    }

    // The slowest of late, a little less with every quicker one and with time.
    private void HandleWakeUp(TimeSpan late, TimeSpan now)
    {
        var less = WakeUp(now) * 7 / 8;
        (_wakeUp, _wokeAt) = (late > less ? late : less, now);
    }

    private TimeSpan WakeUp(TimeSpan now)
    {
        var halfLife = _wakeUp / 4 > WakeUpHalfLife ? _wakeUp / 4 : WakeUpHalfLife;
        return _wakeUp * Math.Pow(2, -((now - _wokeAt) / halfLife));
    }

    private void Hear(MeshPeer peer, OwnScope own, NodeTag tag, ulong sequence, uint check, TimeSpan now)
    {
        var slot = _graph.SlotOf(tag);
        var known = slot < 0 ? null : _graph.Find(slot, own.Index)?.Advertisement;
        if (known is not null && (known.Sequence > sequence || (known.Sequence == sequence && known.Hash.Check >= check)))
        {
            if (known.Sequence == sequence && known.Hash.Check == check) { peer.News.Remove((slot, own.Index)); }
            return;
        }
        var key = (own.Index, tag);
        if (_wants.TryGetValue(key, out var want))
        {
            if (sequence < want.Sequence || (sequence == want.Sequence && check == want.Check))
            {
                if (sequence == want.Sequence && want.Asked != peer.Id) { want.Other = peer.Id; }
                return;
            }
        }
        else if (_wants.Count >= _options.MaxWanted)
        {
            Count(MeshRefusal.NoRoom);
            return;
        }
        // One who speaks too often is asked later, for what is the newest then.
        var ahead = slot < 0 ? TimeSpan.Zero : _graph[slot].PaidUntil - now - (_options.OriginInterval * _options.OriginBurst);
        want = new() { Sequence = sequence, Check = check, Other = peer.Id, At = ahead > TimeSpan.Zero ? now + ahead : now };
        _wants[key] = want;
        // Where the machine is busy, others' news are on their way: for what they tell of as well they are asked in one message.
        if (want.At <= now && LateWakeUp(now) > TimeSpan.Zero) { want.At = _gatherUntil > now ? _gatherUntil : _gatherUntil = now + (LateWakeUp(now) / 2); }
        if (want.At <= now) { Ask(key, want, now); } else { _wantsAt = Earlier(_wantsAt, want.At); }
    }

    private void Ask((byte Scope, NodeTag Tag) key, Want want, TimeSpan now)
    {
        (want.Asked, want.Other) = (want.Other, default);
        want.At = now;
        if (_peers.TryGetValue(want.Asked, out var peer))
        {
            peer.HandleAsked(now);
            want.At += peer.Patience;
        }
        _asking.Add((want.Asked, key.Scope, key.Tag));
        _wantsAt = Earlier(_wantsAt, want.At);
    }

    private void AskAgain(TimeSpan now)
    {
        _wantsAt = null;
        var silent = new HashSet<byte>();
        foreach (var (key, want) in _wants)
        {
            if (want.At > now) { _wantsAt = Earlier(_wantsAt, want.At); continue; }
            if (!want.Other.IsDefault && _peers.ContainsKey(want.Other)) { Ask(key, want, now); continue; }
            _wants.Remove(key);
            silent.Add(key.Scope);
        }
        foreach (var (node, waiting) in _waiting)
        {
            if (waiting.Until > now) { _wantsAt = Earlier(_wantsAt, waiting.Until); continue; }
            _waiting.Remove(node);
            if (Own(waiting.Scope) is { } own) { silent.Add(own.Index); }
        }
        // Nobody left to ask who told of it: somebody else may know, and comparing digests finds out.
        foreach (var peer in _peers.Values)
        {
            peer.ToCompare.UnionWith(peer.Shared.Where(silent.Contains));
            if (peer.ToCompare.Count == 0) { continue; }
            if (peer.CompareFrom > now) { _wantsAt = Earlier(_wantsAt, peer.CompareFrom); }
            else { Compare(peer, now); }
        }
    }

    private void Compare(MeshPeer peer, TimeSpan now)
    {
        foreach (var scope in peer.ToCompare)
        {
            if (!peer.Shared.Contains(scope) || Own(scope) is not { } own) { continue; }
            if (Self < peer.Id) { WriteBuckets(peer, own, theirCount: 0); } else { WriteRoot(peer, own); }
        }
        peer.HandleCompared(now);
    }

    private void AskOthersFor(NodeId gone, TimeSpan now)
    {
        foreach (var want in _wants.Values)
        {
            if (want.Asked == gone) { want.At = now; _wantsAt = now; }
            if (want.Other == gone) { want.Other = default; }
        }
    }

    private void FlushWants()
    {
        if (_asking.Count == 0) { return; }
        Span<byte> body = stackalloc byte[1 + Labels.MaxLength + (64 * NodeTag.Size)];
        var (done, first) = (0, 0);
        while (done < _asking.Count)
        {
            var (peerId, scope, _) = _asking[first];
            if (!_peers.TryGetValue(peerId, out var peer) || Own(scope) is not { } own) { done = ++first; continue; }
            var writer = new SpanWriter(body);
            own.Scope.Write(ref writer);
            for (done = first; done < _asking.Count && writer.RemainingLength >= NodeTag.Size; done++)
            {
                if (_asking[done].Peer != peerId || _asking[done].Scope != scope) { break; }
                writer.WriteUInt64(_asking[done].Tag.Value);
            }
            WriteFrame(peer, MeshFrameType.AdvertisementsWanted, writer.Written);
            first = done;
        }
        _asking.Clear();
    }
}
