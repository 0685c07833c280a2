using Coco.Cluster;

namespace Coco.Media;

/// <summary>Names of streams: labels with slashes between them, of which the network's policy speaks as of topics.</summary>
internal static class StreamNames
{
    public const int MaxLength = 128;

    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength) { return false; }
        foreach (var part in name.Split('/'))
        {
            if (!Labels.IsValid(name[part])) { return false; }
        }
        return true;
    }

    public static string Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsValid(name)
            ? name
            : throw new ArgumentException($"'{name}' is no name of a stream: labels of a-z, 0-9, '.', '-' and '_' with '/' between them, {MaxLength} characters at most.", nameof(name));
    }
}
