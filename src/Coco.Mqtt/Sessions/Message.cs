using System.Buffers;
using Coco.Crypto;
using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Sessions;

/// <summary>An application message on its way from a publisher to any number of subscribers.</summary>
internal sealed class Message
{
    private byte[]? _frame311;
    private byte[]? _frame5;

    public required string Topic { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public Qos Qos { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>What is passed on unaltered, expiry included ([MQTT-3.3.2-4] and its like); null where there is nothing.</summary>
    public PropertySet? Properties { get; init; }

    /// <summary>When nobody wants it any more; null where never.</summary>
    public TimeSpan? ExpiresAt { get; init; }

    /// <summary>The client that published it here; null where it came over the bus.</summary>
    public string? Publisher { get; init; }

    /// <summary>Its own number over all edges, of 16 bytes, where it may not come twice; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>Of a retained one: its hybrid time, or zero where that is not known any more, and its publisher, by which the last of two is told.</summary>
    public (ulong Order, NodeId By) Stamp { get; init; }

    /// <summary>What it takes in memory, about.</summary>
    public int Size => (2 * Topic.Length) + Payload.Length + 128;

    public bool IsExpiredAt(TimeSpan now) => ExpiresAt <= now;

    public static Message From(PublishPacket packet, string topic, string? publisher, (ulong Order, NodeId By) stamp, byte[] id, TimeSpan now) => new()
    {
        Id = id, Stamp = stamp,
        Topic = topic, Payload = packet.Payload, Qos = packet.Qos, IsRetained = packet.IsRetained, Publisher = publisher,
        Properties = Forwarded(packet.Properties), ExpiresAt = Expiry(packet.Properties, now),
    };

    public static Message From(WillMessage will, string publisher, (ulong Order, NodeId By) stamp, byte[] id, TimeSpan now) => new()
    {
        Id = id, Stamp = stamp,
        Topic = will.Topic, Payload = will.Payload, Qos = will.Qos, IsRetained = will.IsRetained, Publisher = publisher,
        Properties = Forwarded(will.Properties), ExpiresAt = Expiry(will.Properties, now),
    };

    /// <summary>The packet as it stands for all who get it with QoS 0 and nothing of their own in it, written once.</summary>
    public ReadOnlySpan<byte> PlainFrame(ProtocolVersion version)
    {
        ref var frame = ref version is ProtocolVersion.V5 ? ref _frame5 : ref _frame311;
        if (frame is null)
        {
            var output = new ArrayBufferWriter<byte>(Payload.Length + Topic.Length + 64);
            PacketCodec.Write(output, new PublishPacket { Topic = Topic, Payload = Payload, Properties = Properties }, version);
            frame = output.WrittenSpan.ToArray();
        }
        return frame;
    }

    private static TimeSpan? Expiry(PropertySet? properties, TimeSpan now) =>
        properties?.MessageExpiry is { } seconds ? now + TimeSpan.FromSeconds(seconds) : null;

    private static PropertySet? Forwarded(PropertySet? properties)
    {
        if (properties is null) { return null; }
        var forwarded = new PropertySet
        {
            PayloadFormat = properties.PayloadFormat, MessageExpiry = properties.MessageExpiry, ContentType = properties.ContentType,
            ResponseTopic = properties.ResponseTopic, CorrelationData = properties.CorrelationData, UserProperties = properties.UserProperties,
        };
        return PropertyCodec.Measure(forwarded) == 0 ? null : forwarded;
    }
}
