using System.Buffers;
using Coco.Crypto;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;
using Coco.Mqtt.Storing;
using Coco.Topics;

namespace Coco.Mqtt.Bus;

/// <summary>
/// A message on its way through the mesh. What MQTT adds to a topic's data, if anything, stands around it:
/// <code>
/// magic 8 | message's number 16 | MessageCodec, without expiry and publisher
/// </code>
/// A message with QoS 0 that has nothing but a payload is that payload, so that apps and MQTT clients read each other. Nothing at all takes a
/// retained value away.
/// </summary>
internal static class MeshEnvelope
{
    /// <summary>Room for what stands around a payload of no properties.</summary>
    public const int Overhead = 1280;

    private const int IdSize = 16;

    // Chosen at random, so that no data of an app begins so; data that does is put into an envelope.
    private static ReadOnlySpan<byte> Magic => [0xC0, 0xC0, 0x6D, 0x71, 0x8E, 0x1F, 0xA9, 0x53];

    public static ReadOnlyMemory<byte> Write(Message message)
    {
        if (message is { IsRetained: true, Payload.IsEmpty: true }) { return default; }
        if (message is { Qos: Qos.AtMostOnce, IsRetained: false, Properties: null, Payload.IsEmpty: false } && !message.Payload.Span.StartsWith(Magic)) { return message.Payload; }
        var output = new ArrayBufferWriter<byte>(message.Payload.Length + 256);
        output.Write(Magic);
        var id = output.GetSpan(IdSize)[..IdSize];
        id.Clear();
        message.Id.Span.CopyTo(id);
        output.Advance(IdSize);
        MessageCodec.Write(output, new()
        {
            Topic = message.Topic, Payload = message.Payload, Qos = message.Qos, IsRetained = message.IsRetained, Properties = message.Properties,
        });
        return output.WrittenMemory;
    }

    /// <summary>Reads what a member published; null where it is broken.</summary>
    public static Message? Read(TopicMessage said) => Read(said.Topic, said.Data, (said.Order, said.Publisher), said.Time - DateTimeOffset.UnixEpoch);

    public static Message? Read(string topic, ReadOnlyMemory<byte> data, (ulong Order, NodeId By) stamp, TimeSpan time)
    {
        if (data.IsEmpty) { return new() { Topic = topic, Payload = data, Qos = Qos.AtLeastOnce, IsRetained = true, Stamp = stamp }; }
        if (!data.Span.StartsWith(Magic)) { return new() { Topic = topic, Payload = data, IsRetained = stamp.Order > 0, Stamp = stamp }; }
        if (data.Length < Magic.Length + IdSize || MessageCodec.Read(data[(Magic.Length + IdSize)..]) is not { } inner) { return null; }
        if (!string.Equals(inner.Topic, topic, StringComparison.Ordinal)) { return null; } // the mesh has checked who may publish to its topic, not to another
        var id = data.Slice(Magic.Length, IdSize);
        return new()
        {
            Topic = topic, Payload = inner.Payload, Qos = inner.Qos, IsRetained = inner.IsRetained, Properties = inner.Properties, Stamp = stamp,
            Id = id.Span.IndexOfAnyExcept((byte)0) < 0 ? default : id,
            ExpiresAt = inner.Properties?.MessageExpiry is { } seconds ? time + TimeSpan.FromSeconds(seconds) : null,
        };
    }
}
