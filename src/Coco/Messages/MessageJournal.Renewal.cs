using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>
/// What little is still needed of the oldest segment goes to the end of the log, a piece at a time, so that its file can be deleted. The old record
/// counts as needed until the new one is on the disk.
/// </content>
internal sealed partial class MessageJournal
{
    private readonly List<(SentMessage? Sent, ReceivedMessage? Received, long Old)> _renewed = []; // on their way to the disk

    private void RenewOldest()
    {
        const int Piece = 256;
        lock (_lock)
        {
            if (_isClosed || _renewed.Count > 0 || _log is not { } log || !log.WantsRenewal(out var first, out var end)) { return; }
            foreach (var message in _outboxes.Values.SelectMany(static outbox => outbox.All()).Where(one => !one.IsSettled && one.Number >= first && one.Number < end))
            {
                if (_renewed.Count == Piece) { return; }
                _renewed.Add((message, null, message.Number));
                message.Number = AppendContent(JournalRecordKind.Sent, message.Outbox.Channel, null, ContentOf(message), out _, out _);
            }
            foreach (var message in Uncompleted().Where(one => one.Number >= first && one.Number < end))
            {
                if (_renewed.Count == Piece) { return; }
                if (log.TryRead(message.Number) is not { } record) { continue; }
                if (message.IsRedelivered || message.Consumer is not null) { record[1 + VarInt.Length((ulong)message.Inbox!.Channel)] |= 1; }
                _renewed.Add((null, message, message.Number));
                message.Number = Append(record, default, isNeeded: true, isUrgent: true, out _);
            }
        }
    }

    // Under the lock. They were appended together.
    private void FinishRenewal(long through)
    {
        if (_renewed.Count == 0 || (_renewed[^1].Sent?.Number ?? _renewed[^1].Received!.Number) > through) { return; }
        foreach (var (sent, received, old) in _renewed) { _log!.Release(old, sent?.RecordLength ?? received!.RecordLength); }
        _renewed.Clear();
    }

    private void TakeBackRenewal()
    {
        foreach (var (sent, received, old) in _renewed)
        {
            if (sent is { IsSettled: true } or null && received is { IsCompleted: true } or null) { _log!.Release(old, sent?.RecordLength ?? received!.RecordLength); }
            else if (sent is not null) { sent.Number = old; }
            else { received!.Number = old; }
        }
        _renewed.Clear();
    }

    private IEnumerable<ReceivedMessage> Uncompleted() =>
        _queue.All().Concat(_queue.Consumers.SelectMany(static consumer => consumer.Taken.Concat(consumer.HandedOut)))
            .Concat(_inboxes.Values.SelectMany(static inbox => inbox.Ahead.Values)).Where(static message => message.Inbox is not null);
}
