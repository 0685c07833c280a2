using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <content>What others publish: numbered, checked, and handed to the app's subscriptions.</content>
internal sealed partial class TopicExchange
{
    // Chosen: messages that came before others wait so long for them, and so many of them.
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(3);
    private const int MaxHeld = 4096;

    // Chosen: several times what a message needs over different ways through some hundred nodes.
    private static readonly TimeSpan SettlingTime = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<(NodeId Publisher, string Topic), RemoteStream> _heard = [];
    private readonly HashSet<RemoteStream> _holding = [];
    private readonly HashSet<LocalSubscription> _matching = [];

    private bool TryBind(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || !reader.TryReadUInt64(out var epoch) || !reader.TryReadVarInt(out var next)) { return false; }
        if (!reader.TryReadText(_options.MaxTopicLength, out var topic) || !TopicName.IsValid(topic)) { return false; }
        if (number > (ulong)link.Heard.Count || number >= (ulong)_options.MaxNumbers) { return false; }
        var stream = HeardOf(link.Node, topic);
        if (stream.Epoch != epoch) { Begin(stream, epoch, next); }
        var binding = new InBinding(stream, epoch, next);
        stream.Binding = binding;
        if (number == (ulong)link.Heard.Count) { link.Heard.Add(binding); }
        else { link.Heard[(int)number] = binding; }
        return true;
    }

    private bool TrySkip(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || !reader.TryReadVarInt(out var count)) { return false; }
        if (number >= (ulong)link.Heard.Count || link.Heard[(int)number] is not { } binding || count > VarInt.Max - binding.Next) { return false; }
        binding.Next += count;
        if (binding.Stream.Epoch == binding.Epoch && Refresh(binding.Stream)) { Miss(binding.Stream, binding.Next); }
        return true;
    }

    private bool TryHear(TopicLink link, ReadOnlySpan<byte> body, bool isAcknowledged)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number) || number >= (ulong)link.Heard.Count || link.Heard[(int)number] is not { } binding) { return false; }
        var data = reader.Remaining;
        if (data.Length > _options.MaxSealedLength) { return false; }
        var sequence = binding.Next++;
        var stream = binding.Stream;
        if (stream.Epoch != binding.Epoch || !Refresh(stream)) { return true; }
        var asked = isAcknowledged ? new Asked(link, stream, sequence, number) : null;
        Hear(stream, sequence, data, new(link.HeardTime), asked);
        Settle(asked);
        return true;
    }

    private void Hear(RemoteStream stream, ulong sequence, ReadOnlySpan<byte> data, MessageTime time, Asked? asked)
    {
        if (sequence < stream.Next) { return; }
        if (sequence > stream.Next || stream.IsSettling)
        {
            Hold(stream, sequence, data, time, asked);
            return;
        }
        stream.Next++;
        Deliver(stream.Local, stream.Topic, stream.Publisher, data, time, isRetained: false, asked is not null, asked);
        if (stream.Held is not null) { DeliverHeld(stream); }
    }

    private void Hold(RemoteStream stream, ulong sequence, ReadOnlySpan<byte> data, MessageTime time, Asked? asked)
    {
        stream.Held ??= [];
        if (stream.Held.Count >= MaxHeld) { ReleaseHeld(stream); }
        if (sequence < stream.Next) { return; }
        if (stream.Held is not { } held)
        {
            if (sequence == stream.Next)
            {
                Hear(stream, sequence, data, time, asked);
                return;
            }
            stream.Held = held = [];
        }
        if (held.TryAdd(sequence, new(data.ToArray(), time, asked))) { asked?.Hold(); }
        if (_holding.Add(stream) && !stream.IsSettling) { stream.GiveUpAt = _now + HoldTime; }
    }

    private void DeliverHeld(RemoteStream stream)
    {
        while (stream.Held is { Count: > 0 } held && held.GetKeyAtIndex(0) <= stream.Next)
        {
            var (sequence, message) = (held.GetKeyAtIndex(0), held.GetValueAtIndex(0));
            held.RemoveAt(0);
            if (sequence < stream.Next) { continue; }
            stream.Next++;
            DeliverHeld(stream, message);
        }
        if (stream.Held is { Count: 0 })
        {
            stream.Held = null;
            _holding.Remove(stream);
        }
        else { stream.GiveUpAt = _now + HoldTime; }
    }

    private void DeliverHeld(RemoteStream stream, HeldMessage message)
    {
        Deliver(stream.Local, stream.Topic, stream.Publisher, message.Data, message.Time, isRetained: false, message.Asked is not null, message.Asked);
        Settle(message.Asked);
    }

    // What is missing before those that are held does not come any more.
    private void ReleaseHeld(RemoteStream stream)
    {
        if (stream is { IsSettling: true, Held: null, SettleFrom: ulong.MaxValue }) { Begin(stream, 0, 0); } // what came was not allowed
        else if (stream.IsSettling)
        {
            (stream.IsSettling, stream.Next) = (false, Math.Min(stream.Held is { Count: > 0 } first ? first.GetKeyAtIndex(0) : ulong.MaxValue, stream.SettleFrom));
            stream.SettleFrom = ulong.MaxValue;
            _holding.Remove(stream);
            if (stream.Held is not null) { DeliverHeld(stream); }
            if (stream.Held is not null) { _holding.Add(stream); }
        }
        else if (stream.Held is { Count: > 0 } held) { Miss(stream, held.GetKeyAtIndex(0)); }
        else { _holding.Remove(stream); }
    }

    // Everything before a number is not to come.
    private void Miss(RemoteStream stream, ulong next)
    {
        if (next > stream.Next)
        {
            var lost = next - stream.Next;
            if (stream.Held is { } held) { lost -= (ulong)held.Keys.TakeWhile(sequence => sequence < next).Count(); }
            while (stream.Held is { Count: > 0 } before && before.GetKeyAtIndex(0) < next)
            {
                var message = before.GetValueAtIndex(0);
                before.RemoveAt(0);
                DeliverHeld(stream, message);
            }
            stream.Next = next;
            foreach (var subscription in stream.Local) { subscription.Inbox.AddMissed(stream.Topic, stream.Publisher, (long)lost); }
        }
        if (stream.Held is not null) { DeliverHeld(stream); }
    }

    private static void Deliver(
        LocalSubscription[] to, string topic, NodeId publisher, ReadOnlySpan<byte> data, MessageTime time, bool isRetained, bool isAcknowledged, Asked? asked = null)
    {
        if (to.Length == 0) { return; }
        var message = new TopicMessage(topic, publisher, data.ToArray(), time, isRetained, 0) { Asked = asked, Common = to.Length > 1 ? new() : null };
        foreach (var subscription in to)
        {
            if (!subscription.Inbox.TryAdd(message, isAcknowledged)) { asked?.Refuse(); }
        }
    }

    private void DeliverOwn(OwnStream stream, ReadOnlySpan<byte> data, bool isAcknowledged)
    {
        if (stream.LocalVersion != _localVersion)
        {
            stream.Local = [.. Matching(stream.Topic).Where(static one => one.Options.Own)];
            stream.LocalVersion = _localVersion;
        }
        Deliver(stream.Local, stream.Topic, Self, data, new(_wall), isRetained: false, isAcknowledged);
    }

    // Brings what is cached up to date. False where the publisher may not.
    private bool Refresh(RemoteStream stream)
    {
        if (stream.RulesVersion != _rulesVersion)
        {
            stream.IsAllowed = _members.MayPublish(stream.Publisher, Self, stream.Topic);
            stream.RulesVersion = _rulesVersion;
        }
        if (stream.LocalVersion != _localVersion)
        {
            stream.Local = [.. Matching(stream.Topic)];
            stream.LocalVersion = _localVersion;
        }
        return stream.IsAllowed;
    }

    private HashSet<LocalSubscription> Matching(string topic)
    {
        _matching.Clear();
        _subscriptions.Collect(topic, _matching);
        return _matching;
    }

    private RemoteStream HeardOf(NodeId publisher, string topic)
    {
        if (!_heard.TryGetValue((publisher, topic), out var stream))
        {
            if (_heard.Count >= _options.MaxHeard && _heard.Values.MinBy(static one => one.UsedAt) is { } oldest)
            {
                Forget(oldest);
            }
            _heard.Add((publisher, topic), stream = new(publisher, topic));
        }
        stream.UsedAt = _now;
        return stream;
    }

    private void Begin(RemoteStream stream, ulong epoch, ulong next)
    {
        stream.Overlay = null;
        _grafting.Remove(stream);
        stream.Held = null;
        _holding.Remove(stream);
        (stream.Epoch, stream.Next, stream.IsSettling, stream.SettleFrom) = (epoch, next, false, ulong.MaxValue);
    }

    // The same where messages come from others than the publisher.
    private void BeginSettling(RemoteStream stream, ulong epoch, ulong from)
    {
        Begin(stream, epoch, 0);
        if (from == 0) { return; }
        (stream.IsSettling, stream.GiveUpAt) = (true, _now + SettlingTime);
        _holding.Add(stream);
    }

    // What nobody subscribes to any more is not asked for when a publisher comes back; what comes all the same, by a wider filter, goes on in its order.
    private void ForgetUnheard()
    {
        foreach (var stream in _heard.Values.ToArray())
        {
            if (Matching(stream.Topic).Count > 0 || _wanted.Covers(stream.Topic)) { continue; }
            Forget(stream);
        }
    }

    private void Forget(RemoteStream stream)
    {
        _heard.Remove((stream.Publisher, stream.Topic));
        _holding.Remove(stream);
        _grafting.Remove(stream);
    }

    private void TellHaves(TopicLink link)
    {
        foreach (var stream in _heard.Values)
        {
            if (stream.Publisher != link.Node || stream.Epoch == 0) { continue; }
            var body = new Outbox();
            body.AppendUInt64(stream.Epoch);
            body.AppendVarInt(stream.Next);
            body.AppendText(stream.Topic);
            link.Out.AppendFrame(TopicFrameType.Have, body);
        }
    }

    private bool TryHandleHave(TopicLink link, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (link.IsReady || !reader.TryReadUInt64(out var epoch) || !reader.TryReadVarInt(out var next)) { return false; }
        if (!reader.TryReadText(_options.MaxTopicLength, out var topic)) { return false; }
        // Only of what we publish: a peer cannot make the table grow.
        if (_published.ContainsKey(topic)) { link.Haves[topic] = (epoch, next); }
        return true;
    }
}
