using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>What this node publishes, and to whom.</content>
internal sealed partial class TopicExchange
{
    // Chosen: of several topics a slow peer has not got yet, each gets its turn after so much.
    private const int Turn = 64 << 10;

    private readonly Dictionary<string, OwnStream> _published = new(StringComparer.Ordinal);
    private OwnStream? _lastPublished;
    private readonly Queue<PendingMessage> _pending = new();
    private readonly HashSet<NodeId> _found = [];
    private int _routeVersion;

    /// <summary>Publishes. The topic and the length of the data were checked.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="data">The data.</param>
    /// <param name="options">How.</param>
    /// <param name="receipt">Who waits for acknowledgements; null where nobody does.</param>
    /// <param name="now">The time.</param>
    /// <param name="wall">Milliseconds since 1970.</param>
    /// <returns>What became of it.</returns>
    public Publication Publish(string topic, ReadOnlySpan<byte> data, PublishOptions options, ITopicReceipt? receipt, TimeSpan now, long wall)
    {
        Enter(now, wall);
        var stream = OwnOf(topic);
        stream.UsedAt = now;
        if (stream.RouteVersion != _routeVersion) { RefreshRoute(stream); }
        if (stream.IsDeniedToAll) { return new(null, IsDenied: true); }
        var sequence = stream.Ring.Next;
        var isAcknowledged = receipt is not null;
        if (stream.Overlay is not null)
        {
            if (stream.Overlay.Version != _interestVersion) { RefreshOverlay(stream.Overlay, stream, null); }
            SpreadWide(stream, data, options, isAcknowledged);
        }
        else if (options.Retain)
        {
            var batch = SignedBatch.CreateOne(BatchFlags.Value, Self, stream.Epoch, sequence, OrderOf(options), topic, data, _seal);
            Keep(batch);
            Spread(stream, batch.Bytes, isAcknowledged ? MessageKind.SignedAcknowledged : MessageKind.Signed);
        }
        else
        {
            Spread(stream, data, isAcknowledged ? MessageKind.Acknowledged : MessageKind.Plain);
        }
        DeliverOwn(stream, data, isAcknowledged);
        if (receipt is not null) { Await(stream, sequence, receipt); }
        return new(Slowest(stream), IsDenied: false);
    }

    /// <summary>Puts what a peer has not got yet behind what waits for it, as far as there is room.</summary>
    private void Refill(TopicLink link)
    {
        while (link.Out.Length < _options.MaxWaiting && link.Behind.TryDequeue(out var binding))
        {
            if (binding.IsGone) { continue; }
            binding.IsBehind = false;
            SendBehind(binding);
            if (binding.IsBehind) { link.Behind.Enqueue(binding); }
        }
    }

    private OwnStream OwnOf(string topic)
    {
        // Whoever publishes often names the same topic by the same string.
        if (_lastPublished is { } last && ReferenceEquals(last.Topic, topic)) { return last; }
        if (_published.TryGetValue(topic, out var stream)) { return _lastPublished = stream; }
        if (_published.Count >= _options.MaxPublished && _published.Values.MinBy(static one => one.UsedAt) is { } oldest)
        {
            foreach (var target in oldest.Targets.ToArray()) { Remove(target); }
            _published.Remove(oldest.Topic);
            _lastPublished = null;
        }
        stream = new(topic, NextTime(), _options.HistoryLength);
        _published.Add(topic, stream);
        Activate();
        return stream;
    }

    private void Spread(OwnStream stream, ReadOnlySpan<byte> data, MessageKind kind)
    {
        var ring = stream.Ring;
        ring.Add(data, _wall, kind);
        foreach (var target in stream.Targets)
        {
            if (target.Binding is not { IsBehind: false } binding) { continue; }
            var link = binding.Link;
            if (link.Out.Length >= _options.MaxWaiting)
            {
                binding.IsBehind = true;
                link.Behind.Enqueue(binding);
                continue;
            }
            Append(binding, data, default, _wall, kind);
            (binding.Next, binding.Offset) = (ring.Next, ring.End);
            MarkWriting(link);
        }
    }

    // To some, who pass it on.
    private void SpreadWide(OwnStream stream, ReadOnlySpan<byte> data, PublishOptions options, bool isAcknowledged)
    {
        stream.Ring.Add(data, _wall, MessageKind.Plain);
        if (!options.Retain && !isAcknowledged)
        {
            Gather(stream, data);
            return;
        }
        Seal(stream);
        var batch = SignedBatch.CreateOne(options.Retain ? BatchFlags.Value : BatchFlags.None, Self, stream.Epoch, stream.Ring.Next - 1, OrderOf(options), stream.Topic, data, _seal);
        if (options.Retain) { Keep(batch); }
        Push(stream, batch, isAcknowledged);
    }

    private ulong OrderOf(PublishOptions options) => options.Order == 0 ? NextTime() : options.Order;

    private static void Append(OutBinding binding, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, long time, MessageKind kind)
    {
        var link = binding.Link;
        if (kind is MessageKind.Signed or MessageKind.SignedAcknowledged)
        {
            link.Out.AppendFrame(TopicFrameType.Batch, 1 + head.Length + tail.Length);
            link.Out.AppendByte(kind is MessageKind.SignedAcknowledged ? BatchAcknowledge : (byte)0);
            link.Out.AppendBytes(head);
            link.Out.AppendBytes(tail);
            return;
        }
        if (link.ToldTime != time)
        {
            link.ToldTime = time;
            link.Out.AppendUInt64Frame(TopicFrameType.Clock, (ulong)Math.Max(0, time));
        }
        var number = (ulong)binding.Number;
        var length = VarInt.Length(number) + head.Length + tail.Length;
        var span = link.Out.Reserve(1 + VarInt.MaxLength + length);
        span[0] = (byte)(kind is MessageKind.Acknowledged ? TopicFrameType.Asked : TopicFrameType.Message);
        var at = 1 + VarInt.Write(span[1..], (ulong)length);
        at += VarInt.Write(span[at..], number);
        head.CopyTo(span[at..]);
        tail.CopyTo(span[(at + head.Length)..]);
        link.Out.Advance(at + head.Length + tail.Length);
    }

    private void SendBehind(OutBinding binding)
    {
        var (link, ring) = (binding.Link, binding.Stream.Ring);
        if (binding.Next < ring.First)
        {
            // It was too slow, and is told how much it has missed.
            link.Out.AppendPair(TopicFrameType.Skip, (ulong)binding.Number, ring.First - binding.Next);
            TellSkippedValue(binding.Stream, binding.Target.Peer, binding.Next, ring.First);
            (binding.Next, binding.Offset) = (ring.First, ring.Begin);
        }
        var end = Math.Min(_options.MaxWaiting, link.Out.Length + Turn);
        while (binding.Next < ring.Next && link.Out.Length < end)
        {
            var record = ring.Read(binding.Offset);
            Append(binding, record.Head, record.Tail, record.Time, record.Kind);
            (binding.Next, binding.Offset) = (binding.Next + 1, ring.After(binding.Offset));
        }
        binding.IsBehind = binding.Next < ring.Next;
    }

    // Whoever publishes waits for the fastest of those that cannot keep up, so that one that is slow alone slows nobody.
    private TopicLink? Slowest(OwnStream stream)
    {
        TopicLink? behind = null;
        if (stream.Overlay is { } overlay)
        {
            foreach (var node in overlay.Neighbours)
            {
                if (_peers.GetValueOrDefault(node)?.Link is not { IsReady: true } link) { continue; }
                if (link.Out.Length < _options.MaxWaiting) { return null; }
                behind ??= link;
            }
        }
        foreach (var target in stream.Targets)
        {
            if (target.Binding is not { } binding) { continue; }
            if (!binding.IsBehind) { return null; }
            if (behind is null || binding.Link.Out.Length < behind.Out.Length) { behind = binding.Link; }
        }
        return behind;
    }

    private void RefreshRoutes()
    {
        foreach (var stream in _published.Values) { RefreshRoute(stream); }
    }

    private void RefreshRoutes(HashSet<string> filters)
    {
        if (filters.Count == 0) { return; }
        var matcher = new FilterMatcher(filters);
        foreach (var stream in _published.Values)
        {
            if (matcher.Matches(stream.Topic)) { RefreshRoute(stream); }
        }
    }

    private void RefreshRoute(OwnStream stream)
    {
        stream.RouteVersion = _routeVersion;
        _found.Clear();
        _interests.Collect(stream.Topic, _found);
        var interested = _found.Count;
        _found.RemoveWhere(node => !_members.IsReachable(node) || !_members.MaySubscribe(node, Self, stream.Topic) || !_members.MayPublish(Self, node, stream.Topic));
        stream.IsDeniedToAll = interested > 0 && _found.Count == 0 && MayNobodyHave(stream.Topic);
        stream.Subscribers = _found.Count;
        // Once there are many they stay so until there are far fewer: changing costs more than either.
        if (_found.Count > (stream.Overlay is null ? _options.MaxDirect : _options.MaxDirect / 2))
        {
            foreach (var target in stream.Targets.ToArray()) { Remove(target); }
            RefreshOverlay(stream.Overlay ??= new(), stream, null);
            return;
        }
        if (stream.Overlay is not null)
        {
            Seal(stream);
            stream.Overlay = null;
        }
        for (var i = stream.Targets.Count - 1; i >= 0; i--)
        {
            var target = stream.Targets[i];
            if (_found.Remove(target.Peer.Node)) { continue; }
            // Where its link outlives the time out of reach it says nothing anew of what it has.
            if (target.Binding is { } binding && !_members.IsReachable(target.Peer.Node)) { binding.Link.Haves[stream.Topic] = (stream.Epoch, binding.Next); }
            Remove(target);
        }
        foreach (var node in _found)
        {
            var peer = PeerOf(node);
            var target = new TopicTarget(stream, peer, HistoryFor(stream, peer));
            stream.Targets.Add(target);
            peer.Targets.Add(target);
            TellWill(stream, peer);
            if (peer.Link is { IsReady: true }) { Attach(target); }
            else { Connect(peer); }
        }
    }

    // Others may have told wider filters than their apps have (OwnInterests), so that nobody knows here who of them wants a topic, and whether he is one of those who may not
    // have it: it is denied where no member within reach may. Otherwise nothing is promised, as with a topic that nobody wants.
    private bool MayNobodyHave(string topic) =>
        !_members.MayPublish(Self, Self, topic) && !_members.Reachable.Any(node => _members.MaySubscribe(node, Self, topic) && _members.MayPublish(Self, node, topic));

    // The number of the first message that a new subscriber is to have.
    private ulong HistoryFor(OwnStream stream, TopicPeer peer)
    {
        var ring = stream.Ring;
        var from = ring.Next;
        foreach (var interest in peer.Record?.Interests ?? [])
        {
            if (interest is { HistoryCount: 0, HistorySeconds: 0 } || !TopicFilter.Matches(interest.Filter, stream.Topic)) { continue; }
            var byCount = interest.HistoryCount == 0 ? 0 : ring.Next - Math.Min(ring.Next, interest.HistoryCount);
            var byTime = interest.HistorySeconds == 0 ? 0 : ring.FirstSince(_wall - (long)Math.Min(interest.HistorySeconds, int.MaxValue) * 1000);
            from = Math.Min(from, Math.Max(ring.First, Math.Max(byCount, byTime)));
        }
        return from;
    }

    private void Attach(TopicTarget target)
    {
        var (link, stream) = (target.Peer.Link!, target.Stream);
        if (target.Binding is not null) { return; }
        var isKnown = link.Haves.Remove(stream.Topic, out var have) && have.Epoch == stream.Epoch;
        var start = Math.Min(isKnown ? have.Next : target.From, stream.Ring.Next);
        TellSkippedValue(stream, target.Peer, isKnown ? start : 0, start);
        var number = TakeNumber(link);
        var binding = new OutBinding(target, link, number) { Next = start, Offset = stream.Ring.Find(start) };
        link.Bound[number] = binding;
        target.Binding = binding;
        var body = new Outbox();
        body.AppendVarInt((ulong)number);
        body.AppendUInt64(stream.Epoch);
        body.AppendVarInt(start);
        body.AppendText(stream.Topic);
        link.Out.AppendFrame(TopicFrameType.Bind, body);
        MarkWriting(link);
        if (start >= stream.Ring.Next) { return; }
        binding.IsBehind = true;
        link.Behind.Enqueue(binding);
    }

    private int TakeNumber(TopicLink link)
    {
        if (link.Bound.Count < _options.MaxNumbers)
        {
            var free = link.Bound.Count;
            link.Bound.Add(null);
            return free;
        }
        var number = link.NextNumber;
        link.NextNumber = (number + 1) % link.Bound.Count;
        if (link.Bound[number] is { } former)
        {
            // It gets a number again with its next message.
            former.Target.From = former.Next;
            former.Stream.RouteVersion = -1;
            Release(former);
            former.Stream.Targets.Remove(former.Target);
            former.Target.Peer.Targets.Remove(former.Target);
        }
        return number;
    }

    private static void Release(OutBinding binding)
    {
        binding.IsGone = true;
        binding.Target.Binding = null;
        if (binding.Number < binding.Link.Bound.Count && binding.Link.Bound[binding.Number] == binding) { binding.Link.Bound[binding.Number] = null; }
    }

    private void Remove(TopicTarget target)
    {
        if (target.Binding is { } binding) { Release(binding); }
        target.Stream.Targets.Remove(target);
        target.Peer.Targets.Remove(target);
        if (target.Stream.Pending is not { } pending) { return; }
        foreach (var (sequence, message) in pending.ToArray())
        {
            if (message.Waiting.Remove(target.Peer.Node)) { CompleteIfAll(target.Stream, sequence, message); }
        }
    }
}
