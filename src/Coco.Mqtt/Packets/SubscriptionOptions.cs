namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// reserved (2) | retain handling (2) | retain as published | no local | QoS (2)
/// </code>
/// MQTT 5.0, 3.8.3.1, the highest bit first. 3.1.1 has the QoS alone.
/// </summary>
internal readonly record struct SubscriptionOptions(byte Value)
{
    public Qos MaximumQos => (Qos)(Value & 3);

    public bool IsNoLocal => (Value & 0x04) != 0;

    public bool IsRetainAsPublished => (Value & 0x08) != 0;

    public RetainHandling RetainHandling => (RetainHandling)((Value >> 4) & 3);

    public ReasonCode Check(ProtocolVersion version)
    {
        // [MQTT-3.8.3-5]; 3.1.1: [MQTT-3.8.3-4]
        if ((Value & (version is ProtocolVersion.V5 ? 0xC0 : 0xFC)) != 0) { return ReasonCode.MalformedPacket; }
        if (MaximumQos > Qos.ExactlyOnce) { return version is ProtocolVersion.V5 ? ReasonCode.ProtocolError : ReasonCode.MalformedPacket; }
        return RetainHandling > RetainHandling.Never ? ReasonCode.ProtocolError : ReasonCode.Success;
    }
}
