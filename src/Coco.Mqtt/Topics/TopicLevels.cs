namespace Coco.Mqtt.Topics;

/// <summary>The levels of a topic or filter, one after the other.</summary>
internal static class TopicLevels
{
    /// <summary>Takes the first level off.</summary>
    /// <param name="rest">What follows the slash.</param>
    /// <param name="hasMore">Whether there was a slash: another level follows, be it empty.</param>
    public static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest, out bool hasMore)
    {
        var end = rest.IndexOf('/');
        hasMore = end >= 0;
        var level = hasMore ? rest[..end] : rest;
        rest = hasMore ? rest[(end + 1)..] : [];
        return level;
    }
}
