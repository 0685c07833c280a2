using Coco.Crypto;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>A message of a topic.</summary>
public sealed class TopicMessage
{
    private readonly MessageTime _time;

    internal TopicMessage(string topic, NodeId publisher, ReadOnlyMemory<byte> data, MessageTime time, bool isRetained, long missed) =>
        (Topic, Publisher, Data, _time, IsRetained, Missed) = (topic, publisher, data, time, isRetained, missed);

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>Who published it: as the connection proves, or its signature.</summary>
    public NodeId Publisher { get; }

    /// <summary>What was published. It is the app's, which may keep it.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Whether it is a value that was published before the subscription, or before this node came back.</summary>
    public bool IsRetained { get; }

    /// <summary>When it was published, by the publisher's clock.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(_time.Milliseconds, 0, MaxTime));

    /// <summary>How many messages of this publisher's topic the subscription has missed before this one: the network, or the app, was too slow for them.</summary>
    public long Missed { get; }

    /// <summary>Of a topic's value: by what the last of two counts, and after it the publisher. Zero of other messages.</summary>
    internal ulong Order => _time.Order;

    /// <summary>Its publisher, where that waits.</summary>
    internal Asked? Asked { get; init; }

    /// <summary>The same object in what each subscription of this node gets of one message; null where only one does.</summary>
    internal object? Common { get; init; }

    internal TopicMessage With(long missed) => new(Topic, Publisher, Data, _time, IsRetained, missed) { Asked = Asked, Common = Common };

    internal TopicMessage With(byte[] data) => new(Topic, Publisher, data, _time, IsRetained, Missed) { Asked = Asked, Common = Common };

    private static readonly long MaxTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
