namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// user name | password | will retain | will QoS (2) | will | clean start | reserved
/// </code>
/// MQTT 5.0, 3.1.2.3, the highest bit first.
/// </summary>
internal readonly record struct ConnectFlags(byte Value)
{
    public bool IsCleanStart => (Value & 0x02) != 0;

    public bool HasWill => (Value & 0x04) != 0;

    public Qos WillQos => (Qos)((Value >> 3) & 3);

    public bool IsWillRetained => (Value & 0x20) != 0;

    public bool HasPassword => (Value & 0x40) != 0;

    public bool HasUserName => (Value & 0x80) != 0;

    public static ConnectFlags Of(ConnectPacket packet) => new((byte)(
        (packet.IsCleanStart ? 0x02 : 0)
        | (packet.Will is { } will ? 0x04 | ((int)will.Qos << 3) | (will.IsRetained ? 0x20 : 0) : 0)
        | (packet.Password is not null ? 0x40 : 0)
        | (packet.UserName is not null ? 0x80 : 0)));

    public bool AreValidIn(ProtocolVersion version)
    {
        if ((Value & 0x01) != 0) { return false; }                                        // [MQTT-3.1.2-3]
        if (!HasWill && (Value & 0x38) != 0) { return false; }                            // [MQTT-3.1.2-11], [MQTT-3.1.2-13]
        if (WillQos > Qos.ExactlyOnce) { return false; }                                  // [MQTT-3.1.2-12]
        return version is ProtocolVersion.V5 || HasUserName || !HasPassword;              // 3.1.1: [MQTT-3.1.2-22]
    }
}
