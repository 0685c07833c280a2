using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>Messages whose publisher waits until the subscribers that are connected have them.</content>
internal sealed partial class TopicExchange
{
    private void Await(OwnStream stream, ulong sequence, ITopicReceipt receipt)
    {
        var message = new PendingMessage(stream, sequence, receipt, _now + _options.AcknowledgeTimeout);
        foreach (var target in stream.Targets) { message.Waiting.Add(target.Peer.Node); }
        message.Counting = stream.Overlay is null ? 0 : stream.Subscribers;
        if (message.IsDone)
        {
            receipt.Complete(0, 0);
            return;
        }
        (stream.Pending ??= []).Add(sequence, message);
        _pending.Enqueue(message);
    }

    private void CompleteIfAll(OwnStream stream, ulong sequence, PendingMessage message)
    {
        if (!message.IsDone) { return; }
        stream.Pending?.Remove(sequence);
        message.Receipt.Complete(message.Acknowledged, 0);
        while (_pending.TryPeek(out var oldest) && oldest.IsDone) { _pending.Dequeue(); }
    }

    private static void GiveUp(PendingMessage message)
    {
        if (message.IsDone) { return; }
        message.Stream.Pending?.Remove(message.Sequence);
        message.Receipt.Complete(message.Acknowledged, message.Waiting.Count + Math.Max(0, message.Counting));
        message.Waiting.Clear();
        message.Counting = 0;
    }

    /// <summary>A subscription that says so itself has a message where it wants it.</summary>
    public void Confirm(Asked asked, TimeSpan now, long wall)
    {
        Enter(now, wall);
        Settle(asked);
    }

    private void Settle(Asked? asked)
    {
        if (asked is null || !asked.Release()) { return; }
        if (asked is { Number: { } number, Link: { IsGone: false } link })
        {
            link.Out.AppendPair(TopicFrameType.Ack, number, asked.Sequence);
            MarkWriting(link);
            return;
        }
        // By name: numbers are the link's, and it may have ended meanwhile.
        var body = new Outbox();
        AppendName(body, asked.Stream.Publisher, asked.Epoch, asked.Stream.Topic);
        body.AppendVarInt(asked.Sequence);
        body.AppendVarInt(1);
        var bytes = body.Take();
        SendTo(asked.Link.Peer, TopicFrameType.Counted, bytes);
        System.Buffers.ArrayPool<byte>.Shared.Return(bytes.Array!);
    }

    private bool TryHandleCounted(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!TryReadName(ref reader, out var publisher, out var epoch, out var topic)) { return false; }
        if (!reader.TryReadVarInt(out var sequence) || !reader.TryReadVarInt(out var count)) { return false; }
        if (FindOverlay(publisher, epoch, topic) is { } overlay && publisher != Self)
        {
            // On its way to the publisher, from node to node.
            if (overlay.Parents.TryGetValue(sequence, out var parent) && parent != link.Node) { SendTo(PeerOf(parent), TopicFrameType.Counted, body); }
            return true;
        }
        if (publisher != Self || !_published.TryGetValue(topic, out var stream) || stream.Epoch != epoch) { return true; }
        Acknowledge(stream, sequence, link.Node, count);
        return true;
    }

    private void Acknowledge(OwnStream stream, ulong sequence, Crypto.NodeId node, ulong count = 1)
    {
        if (stream.Pending?.GetValueOrDefault(sequence) is not { } message) { return; }
        if (message.Counting > 0)
        {
            var more = (int)Math.Min(count, (ulong)message.Counting);
            message.Counting -= more;
            message.Acknowledged += more - 1;
        }
        else if (!message.Waiting.Remove(node)) { return; }
        message.Acknowledged++;
        CompleteIfAll(stream, sequence, message);
    }

    private bool TryAcknowledge(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || !reader.TryReadVarInt(out var sequence)) { return false; }
        if (number >= (ulong)link.Bound.Count || link.Bound[(int)number] is not { } binding) { return true; }
        Acknowledge(binding.Stream, sequence, link.Node);
        return true;
    }
}
