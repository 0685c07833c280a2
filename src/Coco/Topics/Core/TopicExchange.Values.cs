using System.Text;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>
/// Values of topics. The last one counts, by hybrid time and then publisher. A value is with its publisher, with those who subscribe to the topic, and
/// with two keepers, the members of greatest weight for the topic. Who begins to subscribe gets it from the publisher, or while that is out of reach
/// from a keeper: the record of interests is the question, so nobody has to ask around.
/// </content>
internal sealed partial class TopicExchange
{
    private const byte BatchKept = 1;
    private const byte BatchAcknowledge = 2;
    private const byte BatchSpread = 4;

    // Chosen: a value outlives its publisher and one more node.
    private const int Keepers = 2;

    private readonly Dictionary<string, KeptValue> _values = new(StringComparer.Ordinal);
    private long _valuesLength;

    /// <summary>What is to be verified before more of a link is taken; by any thread.</summary>
    public bool IsSigned(SignedBatch batch) => batch.IsSigned(_seal);

    /// <summary>The batch that a link waits for was verified.</summary>
    public void HandleVerified(TopicLink link, TimeSpan now, long wall)
    {
        Enter(now, wall);
        if (link.Unverified is not { } batch) { return; }
        link.Unverified = null;
        if (link.IsGone || batch.Publisher == Self || !_members.MayPublish(batch.Publisher, Self, batch.Topic)) { return; }
        if ((link.UnverifiedFlags & BatchKept) != 0) { HandleKept(batch); }
        else { HandleBatch(link, batch, link.UnverifiedFlags); }
    }

    /// <summary>Whether a value counts more than another. A will that was said counts more than anything of its publisher's same life, before which it
    /// was signed.</summary>
    internal static bool IsNewer(SignedBatch one, SignedBatch other) =>
        one.Publisher == other.Publisher && one.Epoch == other.Epoch && one.IsWill != other.IsWill ? one.IsWill
        : one.Time != other.Time ? one.Time > other.Time : one.Publisher.CompareTo(other.Publisher) > 0;

    /// <summary>The hybrid time of a value that is published in a moment.</summary>
    public ulong TakeOrder(TimeSpan now, long wall)
    {
        Enter(now, wall);
        return NextTime();
    }

    /// <summary>Whether no later value of the topic is known.</summary>
    public bool IsLatest(string topic, ulong order, NodeId publisher) =>
        !_values.TryGetValue(topic, out var known) || known.Batch.Time < order || (known.Batch.Time == order && known.Batch.Publisher.CompareTo(publisher) <= 0);

    private bool TryTakeBatch(TopicLink link, ReadOnlySpan<byte> body)
    {
        if (body.Length < 2 || !SignedBatch.TryParse(body[1..], _options, out var batch)) { return false; }
        (link.UnverifiedFlags, link.Unverified) = (body[0], batch);
        return true;
    }

    private void HandleBatch(TopicLink link, SignedBatch batch, byte flags)
    {
        if (batch.IsWill) { return; }
        var stream = HeardOf(batch.Publisher, batch.Topic);
        if (stream.Epoch > batch.Epoch) { return; }
        if (stream.Epoch != batch.Epoch)
        {
            if ((flags & BatchSpread) != 0) { BeginSettling(stream, batch.Epoch, batch.First); }
            else { Begin(stream, batch.Epoch, batch.First); }
        }
        if (batch.Publisher == link.Node && stream.Binding is { } binding && binding.Epoch == batch.Epoch && binding.Next == batch.First) { binding.Next = batch.Next; }
        if (!Refresh(stream)) { return; }
        var isNew = batch.Next > stream.Next && stream.Held?.ContainsKey(batch.First) is not true;
        if (batch.IsValue) { Keep(batch); }
        var isAcknowledged = (flags & BatchAcknowledge) != 0;
        var asked = isAcknowledged && (isNew || (flags & BatchSpread) == 0) ? new Asked(link, stream, batch.Next - 1, null) : null;
        var sequence = batch.First;
        for (var reader = batch.Messages; reader.TryReadVarIntBytes(out var data); sequence++) { Hear(stream, sequence, data, batch.Published, asked); }
        if ((flags & BatchSpread) != 0) { HandleSpread(link, stream, batch, isNew, isAcknowledged); }
        Settle(asked);
    }

    private static void AppendName(Outbox body, NodeId publisher, ulong epoch, string topic)
    {
        body.AppendNode(publisher);
        body.AppendUInt64(epoch);
        body.AppendText(topic);
    }

    private bool TryReadName(ref SpanReader reader, out NodeId publisher, out ulong epoch, out string topic)
    {
        (publisher, epoch, topic) = (default, 0, "");
        if (!reader.TryReadBytes(NodeId.Size, out var node) || !reader.TryReadUInt64(out epoch)) { return false; }
        if (!reader.TryReadText(_options.MaxTopicLength, out var text)) { return false; }
        (publisher, topic) = (NodeId.Read(node), text);
        return true;
    }

    // A value that somebody kept.
    private void HandleKept(SignedBatch batch)
    {
        if (batch.IsWill)
        {
            HandleWill(batch);
            return;
        }
        if (!batch.IsValue || !Keep(batch) || batch.Data.IsEmpty) { return; }
        DeliverValue(batch, Matching(batch.Topic));
    }

    private static void DeliverValue(SignedBatch batch, IEnumerable<LocalSubscription> to) =>
        Deliver([.. to.Where(static one => one.Options.Retained)], batch.Topic, batch.Publisher, batch.Data, batch.Published, isRetained: true, isAcknowledged: false);

    private void DeliverValues(LocalSubscription subscription)
    {
        foreach (var value in _values.Values)
        {
            if (value.Batch.Data.IsEmpty || !TopicFilter.Matches(subscription.Filter, value.Batch.Topic)) { continue; }
            if (value.Batch.Publisher != Self || subscription.Options.Own) { DeliverValue(value.Batch, [subscription]); }
        }
    }

    // False where a newer one is known.
    private bool Keep(SignedBatch batch)
    {
        if (_values.TryGetValue(batch.Topic, out var former))
        {
            if (!IsNewer(batch, former.Batch)) { return false; }
            _valuesLength -= former.Batch.Bytes.Length;
        }
        _lastTime = Math.Max(_lastTime, Math.Min(batch.Time, ((ulong)Math.Max(0, _wall) + MaxAhead) << 16));
        var value = new KeptValue(batch);
        _values[batch.Topic] = value;
        _valuesLength += batch.Bytes.Length;
        while (_values.Count > _options.MaxValues || _valuesLength > _options.MaxValuesLength) { DropOldestValue(); }
        if (batch.Publisher == Self) { TellKeepers(value); }
        return true;
    }

    // Chosen: clocks that are trusted agree within minutes; one that is far ahead does not drag ours along.
    private const ulong MaxAhead = 600_000;

    private void DropOldestValue()
    {
        var oldest = _values.Values.MinBy(static value => (value.Batch.Data.Length > 0, value.Batch.Time))!;
        _values.Remove(oldest.Batch.Topic);
        _valuesLength -= oldest.Batch.Bytes.Length;
    }

    private void TellKeepers(KeptValue value)
    {
        foreach (var keeper in KeepersOf(value.Batch.Topic))
        {
            if (keeper == Self || !value.Told.Add(keeper)) { continue; }
            // One that subscribes has it as a message, or is told when it comes back.
            var isSubscriber = PeerOf(keeper).Record?.Interests.Any(one => TopicFilter.Matches(one.Filter, value.Batch.Topic)) is true;
            if (!isSubscriber) { TellValue(PeerOf(keeper), value.Batch); }
        }
    }

    private void TellValue(TopicPeer peer, SignedBatch batch)
    {
        if (peer.Node == batch.Publisher) { return; }
        var body = new byte[1 + batch.Bytes.Length];
        body[0] = BatchKept;
        batch.Bytes.CopyTo(body, 1);
        SendTo(peer, TopicFrameType.Batch, body);
    }

    // Those of greatest weight among the members within reach that may have the topic; this node is one of them.
    private List<NodeId> KeepersOf(string topic)
    {
        var hash = HashOf(topic);
        var best = new List<(ulong Weight, NodeId Node)>(Keepers + 1);
        foreach (var node in _members.Reachable.Append(Self))
        {
            var weight = InterestRecord.Mix(InterestRecord.TagOf(node) ^ hash);
            if (best.Count == Keepers && weight <= best[^1].Weight) { continue; }
            if (node != Self && !_members.MaySubscribe(node, Self, topic)) { continue; }
            best.Add((weight, node));
            best.Sort(static (one, other) => other.Weight.CompareTo(one.Weight));
            if (best.Count > Keepers) { best.RemoveAt(Keepers); }
        }
        return best.ConvertAll(static one => one.Node);
    }

    private static ulong HashOf(string topic)
    {
        var hash = 14695981039346656037ul; // FNV-1a
        foreach (var one in Encoding.UTF8.GetBytes(topic)) { hash = (hash ^ one) * 1099511628211; }
        return InterestRecord.Mix(hash);
    }

    // A member has begun to subscribe, or has come back.
    private void TellValues(TopicPeer peer, string[] filters)
    {
        if (filters.Length == 0 || _values.Count == 0 || !_members.IsReachable(peer.Node)) { return; }
        var matcher = new FilterMatcher(filters);
        foreach (var value in _values.Values)
        {
            var topic = value.Batch.Topic;
            if (!matcher.Matches(topic) || !IsResponsible(value.Batch) || IsSentTo(peer, value.Batch)) { continue; }
            if (_members.MaySubscribe(peer.Node, Self, topic)) { TellValue(peer, value.Batch); }
        }
    }

    // Who gets our messages has the value as one of them, or is told it with those it does not get.
    private bool IsSentTo(TopicPeer peer, SignedBatch value) =>
        value.Publisher == Self && _published.TryGetValue(value.Topic, out var stream) && stream.Epoch == value.Epoch && stream.Targets.Any(target => target.Peer == peer);

    // Our value, where it is among messages that a subscriber is not sent.
    private void TellSkippedValue(OwnStream stream, TopicPeer peer, ulong from, ulong to)
    {
        if (!_values.TryGetValue(stream.Topic, out var value) || value.Batch is not { Publisher: var publisher, Epoch: var epoch, First: var number }) { return; }
        if (publisher == Self && epoch == stream.Epoch && number >= from && number < to) { TellValue(peer, value.Batch); }
    }

    private bool IsResponsible(SignedBatch batch) =>
        batch.Publisher == Self || (!_members.IsReachable(batch.Publisher) && KeepersOf(batch.Topic).Contains(Self));

    // Who keeps what, and who lacks what, may have changed.
    private void HandleReachable(HashSet<NodeId> came, HashSet<NodeId> went)
    {
        foreach (var node in went) { NoteGone(node); }
        foreach (var node in came) { NoteBack(node); }
        if (came.Count == 0 && went.Count == 0) { return; }
        foreach (var value in _values.Values)
        {
            value.Told.ExceptWith(went);
            if (IsResponsible(value.Batch)) { TellKeepers(value); }
        }
        foreach (var node in came)
        {
            if (_peers.GetValueOrDefault(node) is { Record: { } record } peer) { TellValues(peer, [.. record.Interests.Select(static one => one.Filter)]); }
        }
    }
}
