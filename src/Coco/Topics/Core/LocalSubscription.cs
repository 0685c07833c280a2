namespace Coco.Topics.Core;

/// <summary>A subscription of this node's app.</summary>
internal sealed class LocalSubscription(string filter, SubscribeOptions options, ITopicInbox inbox)
{
    public string Filter { get; } = filter;

    public SubscribeOptions Options { get; } = options;

    public ITopicInbox Inbox { get; } = inbox;
}
