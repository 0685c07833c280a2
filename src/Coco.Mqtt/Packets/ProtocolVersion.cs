namespace Coco.Mqtt.Packets;

/// <summary>The versions of MQTT that are spoken here, by their number in CONNECT (3.1.2.2).</summary>
internal enum ProtocolVersion : byte
{
    V311 = 4,
    V5 = 5,
}
