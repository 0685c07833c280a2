namespace Coco.Mqtt.Topics;

/// <summary>The name a message is published under (MQTT 5.0, 4.7).</summary>
internal static class TopicName
{
    /// <summary>Not empty ([MQTT-4.7.3-1]) and without wildcards ([MQTT-4.7.1-1]). That it is text the codec has seen to.</summary>
    public static bool IsValid(string name) => name.Length > 0 && !name.AsSpan().ContainsAny('+', '#');
}
