using System.Text;

namespace Coco.Topics;

/// <summary>
/// Names of topics: levels between slashes, as in MQTT 5 §4.7. A level may be empty, so <c>/a</c> and <c>a</c> are two topics. Topics that
/// begin with <c>$</c> are met only by filters that say so.
/// </summary>
public static class TopicName
{
    // Chosen: deep enough for any hierarchy a person made, and what a search through filters may go down.
    internal const int MaxLevels = 64;

    /// <summary>Whether a topic can be called so: not empty, no wildcard, no character that text cannot have, at most 64 levels and
    /// <see cref="TopicOptions.MaxTopicLength"/> bytes, which this does not look at.</summary>
    public static bool IsValid(string? topic) => !string.IsNullOrEmpty(topic) && topic.AsSpan().IndexOfAny('+', '#', '\0') < 0 && IsText(topic);

    // MQTT 5 §1.5.4: neither U+0000 nor half a surrogate pair.
    internal static bool IsText(string text)
    {
        if (text.AsSpan().Count('/') >= MaxLevels) { return false; }
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != System.Buffers.OperationStatus.Done) { return false; }
            rest = rest[used..];
        }
        return true;
    }

    internal static string Require(string topic, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (!IsValid(topic)) { throw new ArgumentException($"'{topic}' is no name of a topic: it needs a character, has no '+', '#' or NUL, and at most {MaxLevels} levels.", nameof(topic)); }
        if (Encoding.UTF8.GetByteCount(topic) > maxLength) { throw new ArgumentException($"The topic has more than {maxLength} bytes, which {nameof(TopicOptions)} allows.", nameof(topic)); }
        return topic;
    }
}
