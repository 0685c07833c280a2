using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>
/// What little is still needed of the oldest segment goes to the end of the log, a piece at a time, so that its file can be deleted. The old record
/// counts as needed until the new one is on the disk.
/// </content>
internal sealed partial class MessageJournal
{
    private readonly List<(SentMessage? Sent, ReceivedMessage? Received, KeptMessage? Kept, long Old)> _renewed = []; // on their way to the disk

    private void RenewOldest()
    {
        const int Piece = 256;
        lock (_lock)
        {
            if (_isClosed || _renewed.Count > 0 || _log is not { } log || !log.WantsRenewal(out var first, out var end)) { return; }
            foreach (var message in _outboxes.Values.SelectMany(static outbox => outbox.All()).Where(one => !one.IsSettled && one.Number >= first && one.Number < end))
            {
                if (_renewed.Count == Piece) { return; }
                _renewed.Add((message, null, null, message.Number));
                message.Number = AppendContent(JournalRecordKind.Sent, message.Outbox.Channel, null, ContentOf(message), out _, out _);
            }
            foreach (var message in Uncompleted().Where(one => one.Number >= first && one.Number < end))
            {
                if (_renewed.Count == Piece) { return; }
                if (log.TryRead(message.Number) is not { } record) { continue; }
                if (message.IsRedelivered || message.Consumer is not null) { record[1 + VarInt.Length((ulong)message.Inbox!.Channel)] |= 1; }
                _renewed.Add((null, message, null, message.Number));
                message.Number = Append(record, default, isNeeded: true, isUrgent: true, out _);
            }
            foreach (var kept in _kept.Values.Where(one => one.LogNumber >= first && one.LogNumber < end))
            {
                if (_renewed.Count == Piece) { return; }
                if (log.TryRead(kept.LogNumber) is not { } record) { continue; }
                _renewed.Add((null, null, kept, kept.LogNumber));
                kept.LogNumber = Append(record, default, isNeeded: true, isUrgent: true, out _);
            }
        }
    }

    // Under the lock. They were appended together.
    private void FinishRenewal(long through)
    {
        if (_renewed.Count == 0) { return; }
        var (lastSent, lastReceived, lastKept, _) = _renewed[^1];
        if ((lastSent?.Number ?? lastReceived?.Number ?? lastKept!.LogNumber) > through) { return; }
        foreach (var (sent, received, kept, old) in _renewed) { _log!.Release(old, sent?.RecordLength ?? received?.RecordLength ?? kept!.RecordLength); }
        _renewed.Clear();
    }

    private void TakeBackRenewal()
    {
        foreach (var (sent, received, kept, old) in _renewed)
        {
            var isOver = sent?.IsSettled ?? received?.IsCompleted ?? !_kept.ContainsKey(kept!.Number);
            if (isOver) { _log!.Release(old, sent?.RecordLength ?? received?.RecordLength ?? kept!.RecordLength); }
            else if (sent is not null) { sent.Number = old; }
            else if (received is not null) { received.Number = old; }
            else { kept!.LogNumber = old; }
        }
        _renewed.Clear();
    }

    private IEnumerable<ReceivedMessage> Uncompleted() =>
        _queue.All().Concat(_queue.Consumers.SelectMany(static consumer => consumer.Taken.Concat(consumer.HandedOut)))
            .Concat(_inboxes.Values.SelectMany(static inbox => inbox.Ahead.Values)).Where(static message => message.Inbox is not null);
}
