using Coco.Crypto;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <content>The last message of each topic that was published to be kept (MQTT 5.0, 3.3.1.3).</content>
internal sealed partial class Broker
{
    private readonly TopicTree<Message> _retained = new();
    private readonly List<Message> _found = [];

    private long _retainedSize;

    private bool MayRetain(string topic, PublishPacket packet)
    {
        var before = _retained.Find(topic);
        if (packet.Payload.IsEmpty) { return true; }
        return (before is not null || _retained.Count < options.MaxRetained)
            && _retainedSize - (before?.Size ?? 0) + packet.Payload.Length + topic.Length <= options.MaxRetainedSize;
    }

    private void Retain(IReadOnlyList<Message> messages)
    {
        foreach (var message in messages) { Retain(message); }
    }

    // False where a later one is known.
    private bool Retain(Message message)
    {
        if (_retained.Find(message.Topic) is { } before)
        {
            if (IsLater(before.Stamp, message.Stamp)) { return false; }
            _retainedSize -= before.Size;
        }
        if (message.Payload.IsEmpty) // [MQTT-3.3.1-6], [MQTT-3.3.1-7]
        {
            _retained.Remove(message.Topic);
            log.RemoveRetained(message.Topic);
            return true;
        }
        if (_retained.Count >= options.MaxRetained || _retainedSize + message.Size > options.MaxRetainedSize) { return true; } // another edge's: not kept here
        _retainedSize += message.Size;
        _retained.Set(message.Topic, message); // [MQTT-3.3.1-5]
        log.SaveRetained(message);
        return true;
    }

    private static bool IsLater((ulong Order, NodeId By) one, (ulong Order, NodeId By) other) =>
        one.Order != other.Order ? one.Order > other.Order : one.By.CompareTo(other.By) > 0;

    private (ulong Order, NodeId By) StampOf(bool isRetained) => isRetained ? (bus.TakeOrder(), bus.Self) : default;

    private void SendRetained(Subscription subscription, TimeSpan now)
    {
        if (IsStatus(subscription.Filter.Filter))
        {
            SendStatus(subscription, now);
            return;
        }
        _found.Clear();
        _retained.Match(subscription.Filter.Filter, _found);
        foreach (var message in _found)
        {
            if (message.IsExpiredAt(now)) // [MQTT-3.3.2-5]
            {
                _retainedSize -= message.Size;
                _retained.Remove(message.Topic);
                log.RemoveRetained(message.Topic);
                continue;
            }
            SendRetained(subscription, message, now);
        }
    }

    private void SendRetained(Subscription subscription, Message message, TimeSpan now)
    {
        if (subscription.Options.IsNoLocal && string.Equals(message.Publisher, subscription.Session.ClientId, StringComparison.Ordinal)) { return; }
        IReadOnlyList<int> identifiers = subscription.Identifier == 0 ? [] : [subscription.Identifier];
        var qos = message.Qos < subscription.Options.MaximumQos ? message.Qos : subscription.Options.MaximumQos;
        Deliver(subscription.Session, message, qos, isRetained: true, identifiers, null, now); // [MQTT-3.3.1-8]
    }
}
