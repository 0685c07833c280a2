using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>Messages whose publisher waits until the subscribers that are connected have them.</content>
internal sealed partial class TopicExchange
{
    private void Await(OwnStream stream, ulong sequence, ITopicReceipt receipt)
    {
        var message = new PendingMessage(stream, sequence, receipt, _now + _options.AcknowledgeTimeout);
        foreach (var target in stream.Targets) { message.Waiting.Add(target.Peer.Node); }
        if (message.Waiting.Count == 0)
        {
            receipt.Complete(0, 0);
            return;
        }
        (stream.Pending ??= []).Add(sequence, message);
        _pending.Enqueue(message);
    }

    private void CompleteIfAll(OwnStream stream, ulong sequence, PendingMessage message)
    {
        if (message.Waiting.Count > 0) { return; }
        stream.Pending?.Remove(sequence);
        message.Receipt.Complete(message.Acknowledged, 0);
        while (_pending.TryPeek(out var oldest) && oldest.Waiting.Count == 0) { _pending.Dequeue(); }
    }

    private static void GiveUp(PendingMessage message)
    {
        if (message.Waiting.Count == 0) { return; }
        message.Stream.Pending?.Remove(message.Sequence);
        message.Receipt.Complete(message.Acknowledged, message.Waiting.Count);
        message.Waiting.Clear();
    }

    private bool TryHandleCounted(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!TryReadName(ref reader, out var publisher, out var epoch, out var topic)) { return false; }
        if (!reader.TryReadVarInt(out var sequence) || !reader.TryReadVarInt(out _)) { return false; }
        if (publisher != Self || !_published.TryGetValue(topic, out var stream) || stream.Epoch != epoch) { return true; }
        Acknowledge(stream, sequence, link.Node);
        return true;
    }

    private void Acknowledge(OwnStream stream, ulong sequence, Crypto.NodeId node)
    {
        if (stream.Pending?.GetValueOrDefault(sequence) is not { } message || !message.Waiting.Remove(node)) { return; }
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
