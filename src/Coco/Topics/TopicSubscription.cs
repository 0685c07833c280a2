using System.Runtime.CompilerServices;
using Coco.Telemetry;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>A subscription of this node. One reader at a time.</summary>
public sealed class TopicSubscription : IAsyncDisposable
{
    private readonly NodeTopics _topics;
    private readonly TopicInbox _inbox;
    private List<TopicMessage>? _taken; // the reader's, and where it stands: who stops reading goes on there
    private int _at;

    internal TopicSubscription(NodeTopics topics, string filter, SubscribeOptions options, TopicOptions limits, TopicKeys keys)
    {
        _topics = topics;
        _inbox = new(options.MaxQueued ?? limits.MaxQueued, limits.MaxQueuedLength, options.ReportMissed, options.Confirms);
        Core = new(filter, options, new OpeningInbox(keys, _inbox));
    }

    /// <summary>Which topics it is for.</summary>
    public string Filter => Core.Filter;

    /// <summary>How many messages it has missed so far, because the network or the app was too slow for them.</summary>
    public long Missed => _inbox.Missed;

    internal LocalSubscription Core { get; }

    /// <summary>The messages, in each publisher's order for each topic, until the subscription or the node is disposed of. Who stops and reads again goes on
    /// where it stopped.</summary>
    public async IAsyncEnumerable<TopicMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            while (_taken is { } taken && _at < taken.Count)
            {
                var message = taken[_at++];
                var begun = MessagingMetrics.HandedOut(MessagingOperation.ProcessTopic);
                yield return message;
                MessagingMetrics.Processed(MessagingOperation.ProcessTopic, begun, message.Topic, message.Publisher);
            }
            _taken = await _inbox.TakeAsync(_taken, cancellationToken).ConfigureAwait(false);
            _at = 0;
            if (_taken is null) { yield break; }
        }
    }

    /// <summary>Ends the subscription. Twice is safe.</summary>
    public ValueTask DisposeAsync()
    {
        _topics.Unsubscribe(this);
        _inbox.Complete();
        return default;
    }

    internal void Complete() => _inbox.Complete();
}
