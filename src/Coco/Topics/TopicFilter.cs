using System.Text;

namespace Coco.Topics;

/// <summary>Which topics a subscription is for (MQTT 5 §4.7.1): <c>+</c> stands for any one level, <c>#</c>, at the end, for the level above it and all below.</summary>
public static class TopicFilter
{
    /// <summary>Whether a text is a filter: wildcards stand alone in their level, and <c>#</c> at the end.</summary>
    public static bool IsValid(string? filter)
    {
        if (string.IsNullOrEmpty(filter) || filter.Contains('\0') || !TopicName.IsText(filter)) { return false; }
        for (var i = 0; i < filter.Length; i++)
        {
            if (filter[i] is not ('+' or '#')) { continue; }
            if (i > 0 && filter[i - 1] != '/') { return false; }
            if (i + 1 < filter.Length && (filter[i] == '#' || filter[i + 1] != '/')) { return false; }
        }
        return true;
    }

    /// <summary>Whether a topic is one of those a filter is for. Both must be valid.</summary>
    public static bool Matches(ReadOnlySpan<char> filter, ReadOnlySpan<char> topic)
    {
        // §4.7.2: wildcards of the first level do not meet what begins with a dollar sign.
        if (topic is ['$', ..] && filter is ['+' or '#', ..]) { return false; }
        while (true)
        {
            if (filter is ['#']) { return true; }
            var (filterEnd, topicEnd) = (filter.IndexOf('/'), topic.IndexOf('/'));
            var level = filterEnd < 0 ? filter : filter[..filterEnd];
            if (level is not ['+'] && !level.SequenceEqual(topicEnd < 0 ? topic : topic[..topicEnd])) { return false; }
            if (topicEnd < 0)
            {
                // §4.7.1.2: "sport/#" is for "sport", too.
                return filterEnd < 0 || filter[(filterEnd + 1)..] is ['#'];
            }
            if (filterEnd < 0) { return false; }
            filter = filter[(filterEnd + 1)..];
            topic = topic[(topicEnd + 1)..];
        }
    }

    /// <summary>A topic that two filters are both for; false where there is none.</summary>
    internal static bool TryMeet(string one, string other, out string topic)
    {
        topic = "";
        var (ones, others) = (one.Split('/'), other.Split('/'));
        var levels = new List<string>();
        for (var at = 0; ; at++)
        {
            if (at < ones.Length && ones[at] == "#") { levels.AddRange(others.Skip(at).Select(Stand)); break; }
            if (at < others.Length && others[at] == "#") { levels.AddRange(ones.Skip(at).Select(Stand)); break; }
            if (at == ones.Length || at == others.Length)
            {
                if (ones.Length != others.Length) { return false; }
                break;
            }
            if (ones[at] != "+" && others[at] != "+" && ones[at] != others[at]) { return false; }
            levels.Add(ones[at] == "+" ? Stand(others[at]) : ones[at]);
        }
        topic = levels.Count == 0 ? "x" : string.Join('/', levels);
        return Matches(one, topic) && Matches(other, topic);

        // Any name where there is a wildcard.
        static string Stand(string level) => level is "+" or "#" ? "x" : level;
    }

    internal static string Require(string filter, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (!IsValid(filter)) { throw new ArgumentException($"'{filter}' is no filter: '+' stands alone in its level, '#' alone in the last.", nameof(filter)); }
        if (Encoding.UTF8.GetByteCount(filter) > maxLength) { throw new ArgumentException($"The filter has more than {maxLength} bytes, which {nameof(TopicOptions)} allows.", nameof(filter)); }
        return filter;
    }
}
