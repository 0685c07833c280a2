using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>Where the messages of a subscription go.</summary>
internal interface ITopicInbox
{
    /// <summary>Takes a message. False where there is no room.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isAcknowledged">Whether its publisher waits: such have room beyond what others may fill.</param>
    public bool TryAdd(TopicMessage message, bool isAcknowledged);

    /// <summary>So many were lost before.</summary>
    public void AddMissed(string topic, NodeId publisher, long count);
}
