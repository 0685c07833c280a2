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

    private void Retain(Message message)
    {
        if (_retained.Find(message.Topic) is { } before) { _retainedSize -= before.Size; }
        if (message.Payload.IsEmpty) // [MQTT-3.3.1-6], [MQTT-3.3.1-7]
        {
            _retained.Remove(message.Topic);
            log.RemoveRetained(message.Topic);
            return;
        }
        _retainedSize += message.Size;
        _retained.Set(message.Topic, message); // [MQTT-3.3.1-5]
        log.SaveRetained(message);
    }

    private void SendRetained(Subscription subscription, TimeSpan now)
    {
        _found.Clear();
        _retained.Match(subscription.Filter.Filter, _found);
        IReadOnlyList<int> identifiers = subscription.Identifier == 0 ? [] : [subscription.Identifier];
        foreach (var message in _found)
        {
            if (message.IsExpiredAt(now)) // [MQTT-3.3.2-5]
            {
                _retainedSize -= message.Size;
                _retained.Remove(message.Topic);
                log.RemoveRetained(message.Topic);
                continue;
            }
            if (subscription.Options.IsNoLocal && string.Equals(message.Publisher, subscription.Session.ClientId, StringComparison.Ordinal)) { continue; }
            var qos = message.Qos < subscription.Options.MaximumQos ? message.Qos : subscription.Options.MaximumQos;
            Deliver(subscription.Session, message, qos, isRetained: true, identifiers, null, now); // [MQTT-3.3.1-8]
        }
    }
}
