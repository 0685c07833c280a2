using Coco.Crypto;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>Opens messages of restricted topics on their way to the app, and drops those that it may not read or that were not made by one of the members.</summary>
internal sealed class OpeningInbox(TopicKeys keys, TopicInbox inbox) : ITopicInbox
{
    public bool TryAdd(TopicMessage message, bool isAcknowledged)
    {
        if (!keys.HasAny || keys.Find(message.Topic) is not { } list) { return inbox.TryAdd(message, isAcknowledged); }
        return !TopicKeys.TryDecrypt(list, message.Topic, message.Publisher, message.Data.Span, out var data) || inbox.TryAdd(message.With(data), isAcknowledged);
    }

    public void AddMissed(string topic, NodeId publisher, long count) => inbox.AddMissed(topic, publisher, count);
}
