namespace Coco.Mqtt.Packets;

/// <summary>When retained messages are sent for a subscription (MQTT 5.0, 3.8.3.1).</summary>
internal enum RetainHandling : byte
{
    Always = 0,
    IfNew = 1,
    Never = 2,
}
