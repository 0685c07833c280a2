using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>Topics with more subscribers than their publisher sends to: they pass signed batches on to each other.</content>
internal sealed partial class TopicExchange
{
    // Chosen: three successors are what a publisher's uplink carries; a node has up to six neighbours.
    private const int Rings = 3;

    // Chosen: offers of one moment go together; what is pushed is here within some round trips, and asked for only after that.
    private static readonly TimeSpan OfferInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan GraftWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan GraftAgain = TimeSpan.FromMilliseconds(500);

    // Chosen: a signature takes as long as some kilobytes on the wire; a batch that waits for a busy link longer than this goes without.
    private const int FullBatch = 32 << 10;
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(5);
    private const int MaxParents = 256;

    private readonly HashSet<OwnStream> _gathering = [];
    private readonly HashSet<(Overlay Overlay, OwnStream? Own, RemoteStream? Remote)> _offering = [];
    private readonly HashSet<RemoteStream> _grafting = [];
    private TimeSpan _gatherAt = TimeSpan.MaxValue;
    private TimeSpan _offerAt = TimeSpan.MaxValue;
    private int _interestVersion;

    /// <summary>Messages this node has passed on or pushed as publisher, counted for each copy.</summary>
    public long PushedCopies { get; private set; }

    private void Gather(OwnStream stream, ReadOnlySpan<byte> data)
    {
        var gathered = stream.Gathered ??= new();
        if (stream.GatheredCount == 0) { stream.GatheredFirst = stream.Ring.Next - 1; }
        gathered.AppendVarInt((ulong)data.Length);
        gathered.AppendBytes(data);
        stream.GatheredCount++;
        if (gathered.Length >= FullBatch || !IsBusy(stream))
        {
            Seal(stream);
            return;
        }
        if (_gathering.Add(stream)) { _gatherAt = Min(_gatherAt, _now + GatherTime); }
    }

    // While all links write anyway, messages gather for the next signature.
    private bool IsBusy(OwnStream stream)
    {
        var isAny = false;
        foreach (var node in stream.Overlay!.Neighbours)
        {
            if (_peers.GetValueOrDefault(node)?.Link is not { IsReady: true } link) { continue; }
            if (!link.IsWriting) { return false; }
            isAny = true;
        }
        return isAny;
    }

    private void SealGathered()
    {
        _gatherAt = TimeSpan.MaxValue;
        foreach (var stream in _gathering.ToArray()) { Seal(stream); }
    }

    private void Seal(OwnStream stream)
    {
        _gathering.Remove(stream);
        if (stream.GatheredCount == 0 || stream.Gathered is not { } gathered) { return; }
        var bytes = gathered.Take();
        var batch = SignedBatch.Create(BatchFlags.None, Self, stream.Epoch, stream.GatheredFirst, NextTime(), stream.Topic, stream.GatheredCount, bytes, _seal);
        System.Buffers.ArrayPool<byte>.Shared.Return(bytes.Array!);
        stream.GatheredCount = 0;
        Push(stream, batch, isAcknowledged: false);
    }

    private void Push(OwnStream stream, SignedBatch batch, bool isAcknowledged)
    {
        var overlay = stream.Overlay!;
        overlay.Remember(batch, _options.HistoryLength);
        PassOn(overlay, stream, null, batch, default, isAcknowledged);
    }

    private void PassOn(Overlay overlay, OwnStream? own, RemoteStream? remote, SignedBatch batch, NodeId from, bool isAcknowledged)
    {
        var body = new byte[1 + batch.Bytes.Length];
        body[0] = isAcknowledged ? (byte)(BatchSpread | BatchAcknowledge) : BatchSpread;
        batch.Bytes.CopyTo(body, 1);
        foreach (var node in overlay.Neighbours)
        {
            if (node == from || node == batch.Publisher) { continue; }
            var peer = PeerOf(node);
            // Whoever does not take what it is sent is offered it instead, and slows nobody.
            if (peer.Link is { IsReady: true } link && link.Out.Length >= _options.MaxWaiting * 2) { overlay.Lazy.Add(node); }
            if (overlay.Lazy.Contains(node))
            {
                if (!overlay.HasOffer) { (overlay.HasOffer, overlay.OfferFrom) = (true, batch.First); }
                _offering.Add((overlay, own, remote));
                _offerAt = Min(_offerAt, _now + OfferInterval);
                continue;
            }
            PushedCopies++;
            SendTo(peer, TopicFrameType.Batch, body);
        }
    }

    private void TellOffers()
    {
        _offerAt = TimeSpan.MaxValue;
        foreach (var (overlay, own, remote) in _offering)
        {
            foreach (var node in overlay.Neighbours)
            {
                if (overlay.Lazy.Contains(node)) { Offer(PeerOf(node), own, remote, overlay.OfferFrom); }
            }
            overlay.HasOffer = false;
        }
        _offering.Clear();
    }

    private void Offer(TopicPeer peer, OwnStream? own, RemoteStream? remote, ulong? from)
    {
        var next = own is not null ? own.Ring.Next - (ulong)own.GatheredCount : remote!.Next;
        var body = new Outbox();
        AppendName(body, own is null ? remote!.Publisher : Self, own?.Epoch ?? remote!.Epoch, own?.Topic ?? remote!.Topic);
        body.AppendVarInt(Math.Min(from ?? next, next));
        body.AppendVarInt(next);
        var bytes = body.Take();
        SendTo(peer, TopicFrameType.Offer, bytes);
        System.Buffers.ArrayPool<byte>.Shared.Return(bytes.Array!);
    }

    // Brings the neighbours up to date, and tells new ones what is here.
    private void RefreshOverlay(Overlay overlay, OwnStream? own, RemoteStream? remote)
    {
        if (overlay.Version == _interestVersion) { return; }
        overlay.Version = _interestVersion;
        var topic = own?.Topic ?? remote!.Topic;
        _found.Clear();
        _interests.Collect(topic, _found);
        _found.RemoveWhere(node => node == Self || !_members.IsReachable(node) || !_members.MaySubscribe(node, Self, topic));
        var former = overlay.Neighbours.ToArray();
        overlay.Neighbours.Clear();
        var isBeside = own is null;
        for (var ring = 0; ring < Rings; ring++)
        {
            AddBeside(overlay.Neighbours, ring, isBeside);
        }
        overlay.Lazy.IntersectWith(overlay.Neighbours);
        foreach (var node in overlay.Neighbours)
        {
            if (Array.IndexOf(former, node) < 0 && (own is null ? remote!.Epoch != 0 : own.Ring.Next > 0)) { Offer(PeerOf(node), own, remote, null); }
        }
    }

    private void AddBeside(List<NodeId> neighbours, int ring, bool withPredecessor)
    {
        var self = Place(Self, ring);
        NodeId next = default, former = default, first = default, last = default;
        ulong nextAt = ulong.MaxValue, formerAt = 0, firstAt = ulong.MaxValue, lastAt = 0;
        foreach (var node in _found)
        {
            var at = Place(node, ring);
            if (at <= firstAt) { (first, firstAt) = (node, at); }
            if (at >= lastAt) { (last, lastAt) = (node, at); }
            if (at > self && at <= nextAt) { (next, nextAt) = (node, at); }
            if (at < self && at >= formerAt) { (former, formerAt) = (node, at); }
        }
        Add(neighbours, next.IsDefault ? first : next);
        if (withPredecessor) { Add(neighbours, former.IsDefault ? last : former); }
    }

    private static void Add(List<NodeId> neighbours, NodeId node)
    {
        if (!node.IsDefault && !neighbours.Contains(node)) { neighbours.Add(node); }
    }

    private static ulong Place(NodeId node, int ring) => InterestRecord.Mix(InterestRecord.TagOf(node) + ((ulong)ring * 0x9E3779B97F4A7C15));

    // Whether the messages were not here yet; they are passed on then.
    private void HandleSpread(TopicLink link, RemoteStream stream, SignedBatch batch, bool wasNew, bool isAcknowledged)
    {
        var overlay = stream.Overlay ??= new();
        RefreshOverlay(overlay, null, stream);
        if (!wasNew)
        {
            if (overlay.Lazy.Add(link.Node) || batch.Publisher == link.Node) { TellName(link, TopicFrameType.Prune, stream); }
            return;
        }
        overlay.Lazy.Remove(link.Node);
        overlay.Remember(batch, _options.HistoryLength);
        if (isAcknowledged)
        {
            if (overlay.Parents.Count >= MaxParents) { overlay.Parents.Clear(); }
            overlay.Parents[batch.Next - 1] = link.Node;
        }
        PassOn(overlay, null, stream, batch, link.Node, isAcknowledged);
    }

    private void TellName(TopicLink link, TopicFrameType type, RemoteStream stream)
    {
        var body = new Outbox();
        AppendName(body, stream.Publisher, stream.Epoch, stream.Topic);
        link.Out.AppendFrame(type, body);
        MarkWriting(link);
    }

    private bool TryHandleOffer(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!TryReadName(ref reader, out var publisher, out var epoch, out var topic) || !TopicName.IsValid(topic)) { return false; }
        if (!reader.TryReadVarInt(out var from) || !reader.TryReadVarInt(out var next) || from > next) { return false; }
        if (publisher == Self || Matching(topic).Count == 0 || !_members.MayPublish(publisher, Self, topic)) { return true; }
        var stream = HeardOf(publisher, topic);
        // Epochs grow with each life of a publisher: one that has ended is not gone back to.
        if (stream.Epoch < epoch) { BeginSettling(stream, epoch, from); }
        if (stream.IsSettling) { stream.SettleFrom = Math.Min(stream.SettleFrom, from); }
        if (stream.Epoch != epoch || stream.Next >= next) { return true; }
        var overlay = stream.Overlay ??= new();
        if (!overlay.Offered.Contains(link.Node)) { overlay.Offered.Add(link.Node); }
        overlay.OfferedNext = Math.Max(overlay.OfferedNext, next);
        if (_grafting.Add(stream)) { overlay.GraftAt = _now + GraftWait; }
        return true;
    }

    private void Graft(RemoteStream stream)
    {
        var overlay = stream.Overlay!;
        if (stream.IsSettling)
        {
            overlay.GraftAt = stream.GiveUpAt + GraftWait;
            return;
        }
        while (stream.Next < overlay.OfferedNext && overlay.Offered.Count > 0)
        {
            var node = overlay.Offered[0];
            overlay.Offered.RemoveAt(0);
            if (_peers.GetValueOrDefault(node)?.Link is not { IsReady: true } link) { continue; }
            overlay.Lazy.Remove(node);
            overlay.GraftAt = _now + GraftAgain;
            var body = new Outbox();
            AppendName(body, stream.Publisher, stream.Epoch, stream.Topic);
            body.AppendVarInt(stream.Next);
            link.Out.AppendFrame(TopicFrameType.Graft, body);
            MarkWriting(link);
            return;
        }
        _grafting.Remove(stream);
        overlay.Offered.Clear();
        overlay.GraftAt = TimeSpan.MaxValue;
    }

    private bool TryHandleGraft(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!TryReadName(ref reader, out var publisher, out var epoch, out var topic) || !reader.TryReadVarInt(out var from)) { return false; }
        if (FindOverlay(publisher, epoch, topic) is not { } overlay || !_members.MaySubscribe(link.Node, Self, topic)) { return true; }
        overlay.Lazy.Remove(link.Node);
        foreach (var batch in overlay.Recent)
        {
            if (batch.Next <= from || batch.Epoch != epoch || link.Out.Length >= _options.MaxWaiting * 2) { continue; }
            PushedCopies++;
            link.Out.AppendFrame(TopicFrameType.Batch, 1 + batch.Bytes.Length);
            link.Out.AppendByte(BatchSpread);
            link.Out.AppendBytes(batch.Bytes);
        }
        MarkWriting(link);
        return true;
    }

    private bool TryHandlePrune(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!TryReadName(ref reader, out var publisher, out var epoch, out var topic)) { return false; }
        if (FindOverlay(publisher, epoch, topic) is { } overlay && overlay.Neighbours.Contains(link.Node)) { overlay.Lazy.Add(link.Node); }
        return true;
    }

    private Overlay? FindOverlay(NodeId publisher, ulong epoch, string topic)
    {
        if (publisher == Self) { return _published.TryGetValue(topic, out var own) && own.Epoch == epoch ? own.Overlay : null; }
        return _heard.TryGetValue((publisher, topic), out var stream) && stream.Epoch == epoch ? stream.Overlay : null;
    }

    // A link to a neighbour is there: what one has and the other missed is found by offers.
    private void OfferAll(TopicLink link)
    {
        foreach (var stream in _heard.Values)
        {
            if (stream.Overlay is { } overlay && stream.Epoch != 0 && overlay.Neighbours.Contains(link.Node)) { Offer(link.Peer, null, stream, null); }
        }
        foreach (var stream in _published.Values)
        {
            if (stream.Overlay is { } overlay && overlay.Neighbours.Contains(link.Node)) { Offer(link.Peer, stream, null, null); }
        }
    }
}
