using System.Text;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>What the log says when it is opened, and what each of its segments begins with.</content>
internal sealed partial class MessageJournal
{
    private readonly Dictionary<int, (Outbox Box, Dictionary<ulong, SentMessage> Messages)> _readOut = [];
    private readonly Dictionary<int, (Inbox Box, Dictionary<ulong, ReceivedMessage> Messages)> _readIn = [];

    private static bool ContentOf(ReadOnlySpan<byte> record, out MessageContent content)
    {
        content = default;
        var reader = new SpanReader(record);
        if (!reader.TryReadByte(out var kind) || !reader.TryReadVarInt(out _)) { return false; }
        if ((JournalRecordKind)kind is JournalRecordKind.Received && !reader.TryReadByte(out _)) { return false; }
        return MessageContent.TryParse(reader.Remaining, int.MaxValue, out content);
    }

    private void Replay(long number, ReadOnlySpan<byte> record)
    {
        var reader = new SpanReader(record);
        if (!reader.TryReadByte(out var kind)) { return; }
        switch ((JournalRecordKind)kind)
        {
            case JournalRecordKind.OutChannel: ReplayOutChannel(ref reader); break;
            case JournalRecordKind.Group: ReplayGroup(ref reader); break;
            case JournalRecordKind.Kept: ReplayKept(number, ref reader, record.Length); break;
            case JournalRecordKind.Dropped when reader.TryReadVarInt(out var kept): ReplayDropped(kept); break;
            case JournalRecordKind.InChannel: ReplayInChannel(ref reader); break;
            case JournalRecordKind.Sent or JournalRecordKind.Received when reader.TryReadVarInt(out var channel): ReplayContent(number, (int)channel, record); break;
            case var other and (JournalRecordKind.Acknowledged or JournalRecordKind.Settled or JournalRecordKind.Completed or JournalRecordKind.HandedOut) when reader.TryReadVarInt(out var channel): ReplayStep(other, (int)channel, ref reader); break;
        }
    }

    private void ReplayOutChannel(ref SpanReader reader)
    {
        if (!reader.TryReadVarInt(out var channel) || !reader.TryReadVarInt(out var generation) || !reader.TryReadBytes(NodeId.Size, out var peer)) { return; }
        if (!reader.TryReadUInt64(out var lineage) || !reader.TryReadVarInt(out var next) || !reader.TryReadVarInt(out var acknowledged)) { return; }
        var box = _readOut.TryGetValue((int)channel, out var known) ? known.Box : new Outbox(NodeId.Read(peer), (int)channel, lineage);
        if (known.Box is null) { _readOut.Add((int)channel, (box, [])); }
        if (generation >= box.Generation) { (box.Generation, box.Lineage) = (generation, lineage); }
        box.NextSequence = Math.Max(box.NextSequence, next);
        box.Acknowledged = Math.Max(box.Acknowledged, acknowledged);
        _nextChannel = Math.Max(_nextChannel, (int)channel + 1);
    }

    private void ReplayInChannel(ref SpanReader reader)
    {
        if (!reader.TryReadVarInt(out var channel) || !reader.TryReadBytes(NodeId.Size, out var sender)) { return; }
        if (!reader.TryReadUInt64(out var lineage) || !reader.TryReadVarInt(out var upTo)) { return; }
        if (!_readIn.TryGetValue((int)channel, out var known))
        {
            known = (new(NodeId.Read(sender), lineage, (int)channel) { UsedAt = NowMs }, []);
            _readIn.Add((int)channel, known);
        }
        known.Box.UpTo = Math.Max(known.Box.UpTo, upTo);
        _nextChannel = Math.Max(_nextChannel, (int)channel + 1);
    }

    private void ReplayContent(long number, int channel, ReadOnlySpan<byte> record)
    {
        if (!ContentOf(record, out var content)) { return; }
        if ((JournalRecordKind)record[0] is JournalRecordKind.Sent && _readOut.TryGetValue(channel, out var outgoing))
        {
            outgoing.Messages[content.Sequence] = new(outgoing.Box, content.Sequence, Encoding.UTF8.GetString(content.Subject), content.Data.Length, content.SentAtMs, content.ExpiresMs)
            {
                SubjectBytes = content.Subject.ToArray(), Number = number, RecordLength = record.Length,
            };
            outgoing.Box.NextSequence = Math.Max(outgoing.Box.NextSequence, content.Sequence + 1);
        }
        else if ((JournalRecordKind)record[0] is JournalRecordKind.Received && _readIn.TryGetValue(channel, out var incoming))
        {
            var box = incoming.Box;
            incoming.Messages[content.Sequence] = new(_messages, box, content.Sequence, box.SubjectOf(content.Subject), content.Data.Length, content.SentAtMs)
            {
                Number = number, RecordLength = record.Length, Previous = content.Previous, IsRedelivered = (record[1 + VarInt.Length((ulong)channel)] & 1) != 0,
            };
            if (content.Previous <= box.UpTo) { box.UpTo = Math.Max(box.UpTo, content.Sequence); }
        }
    }

    private void ReplayStep(JournalRecordKind kind, int channel, ref SpanReader reader)
    {
        if (!reader.TryReadVarInt(out var value)) { return; }
        switch (kind)
        {
            case JournalRecordKind.Acknowledged when _readOut.TryGetValue(channel, out var outgoing): outgoing.Box.Acknowledged = Math.Max(outgoing.Box.Acknowledged, value); break;
            case JournalRecordKind.Settled when _readOut.TryGetValue(channel, out var outgoing): outgoing.Messages.Remove(value); break;
            case JournalRecordKind.Completed when _readIn.TryGetValue(channel, out var incoming): incoming.Messages.Remove(value); break;
            case JournalRecordKind.HandedOut when _readIn.TryGetValue(channel, out var incoming) && incoming.Messages.TryGetValue(value, out var message): message.IsRedelivered = true; break;
        }
    }

    private void FinishReplay()
    {
        foreach (var (box, messages) in _readOut.Values)
        {
            _outboxes[box.Peer] = box;
            foreach (var message in messages.Values.Where(message => message.Sequence > box.Acknowledged).OrderBy(static message => message.Sequence))
            {
                box.Add(message);
                _queuedBytes += message.Length;
                _log!.Retain(message.Number, message.RecordLength);
            }
        }
        foreach (var (box, messages) in _readIn.Values)
        {
            _inboxes[(box.Sender, box.Lineage)] = box;
            foreach (var message in messages.Values.OrderBy(static message => message.Sequence))
            {
                if (message.Previous <= box.UpTo) { box.UpTo = Math.Max(box.UpTo, message.Sequence); }
                if (message.Sequence <= box.UpTo) { _queue.Add(message); }
                else { box.Ahead.Add(message.Sequence, message); }
                box.Count++;
                box.Bytes += message.Length;
                _receivedBytes += message.Length;
                _log!.Retain(message.Number, message.RecordLength);
            }
            box.StoredUpTo = box.UpTo;
        }
        foreach (var kept in _kept.Values) { _log!.Retain(kept.LogNumber, kept.RecordLength); }
        _readOut.Clear();
        _readIn.Clear();
    }

    // Under the lock, as all that appends.
    private void WriteCheckpoint()
    {
        foreach (var outbox in _outboxes.Values) { AppendOutChannel(outbox); }
        foreach (var inbox in _inboxes.Values) { AppendInChannel(inbox); }
        foreach (var (name, nodes) in _groups) { AppendGroup(name, nodes, out _); }
    }
}
