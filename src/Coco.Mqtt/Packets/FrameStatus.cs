namespace Coco.Mqtt.Packets;

/// <summary>What stands at the front of the bytes that came.</summary>
internal enum FrameStatus
{
    Incomplete,
    Whole,
    Malformed,
    TooLarge,
}
