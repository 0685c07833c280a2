namespace Coco.Mqtt.Packets;

/// <summary>What is published when a client is lost (MQTT 5.0, 3.1.2.5).</summary>
internal sealed record WillMessage(string Topic, byte[] Payload, Qos Qos, bool IsRetained, PropertySet? Properties)
{
    public uint DelaySeconds => Properties?.WillDelay ?? 0;
}
