namespace Coco.Mqtt.Topics;

/// <summary>A filter that a client may subscribe to, with the group where it is shared (MQTT 5.0, 4.7 and 4.8.2).</summary>
/// <param name="Text">As the client said it.</param>
/// <param name="Group">The share name, or null.</param>
/// <param name="Filter">The filter of topics itself.</param>
internal readonly record struct TopicFilter(string Text, string? Group, string Filter)
{
    /// <summary>Chosen: levels that a topic or filter may have. A search goes as deep as there are levels.</summary>
    public const int MaxLevels = 201;

    private const string SharePrefix = "$share/";

    public bool IsShared => Group is not null;

    public static bool TryParse(string text, out TopicFilter filter)
    {
        filter = new(text, null, text);
        if (text is "$share") { return false; }
        if (text.StartsWith(SharePrefix, StringComparison.Ordinal))
        {
            var end = text.IndexOf('/', SharePrefix.Length);
            if (end <= SharePrefix.Length) { return false; } // [MQTT-4.8.2-1]: a name of at least one character, and a filter behind it
            var group = text[SharePrefix.Length..end];
            if (!TopicName.IsValid(group)) { return false; } // [MQTT-4.8.2-2]
            filter = new(text, group, text[(end + 1)..]);
        }
        return IsValid(filter.Filter);
    }

    public static bool Matches(ReadOnlySpan<char> filter, ReadOnlySpan<char> topic)
    {
        if (topic is ['$', ..] && filter is ['+' or '#', ..]) { return false; } // [MQTT-4.7.2-1]
        while (true)
        {
            if (filter is "#") { return true; }
            var level = TopicLevels.Next(ref filter, out var hasMoreFilter);
            var name = TopicLevels.Next(ref topic, out var hasMoreTopic);
            if (level is not "+" && !level.SequenceEqual(name)) { return false; }
            if (!hasMoreTopic) { return !hasMoreFilter || filter is "#"; } // 4.7.1.2: "sport/#" matches "sport" too
            if (!hasMoreFilter) { return false; }
        }
    }

    // [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1]
    private static bool IsValid(ReadOnlySpan<char> filter)
    {
        if (filter.IsEmpty || filter.Count('/') >= MaxLevels) { return false; }
        for (var hasMore = true; hasMore;)
        {
            var level = TopicLevels.Next(ref filter, out hasMore);
            if (level is "+" || (level is "#" && !hasMore)) { continue; }
            if (level.ContainsAny('+', '#')) { return false; }
        }
        return true;
    }
}
