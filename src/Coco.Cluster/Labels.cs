namespace Coco.Cluster;

/// <summary>Names that machines compare: of apps, sub-clusters, services and tags.</summary>
internal static class Labels
{
    /// <summary>Characters a label may have.</summary>
    public const int MaxLength = 64;

    /// <summary>
    /// Whether <paramref name="text"/> is a label: 1 to 64 characters from a-z, 0-9, '.', '-' and '_', beginning with a letter or a digit.
    /// There is one spelling of each, so that comparing texts compares what they name.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(text[0])) { return false; }
        foreach (var character in text)
        {
            if (character is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-' or '_')) { return false; }
        }
        return true;
    }

    /// <summary>Returns a label, or throws what a caller that gave none should read.</summary>
    public static string Require(string text, string what) => IsValid(text)
        ? text
        : throw new ArgumentException($"'{text}' is no name of {what}: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.", nameof(text));
}
