using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Coco.Cluster.Grants;

/// <summary>
/// Names of resources or topics: segments between slashes, of which <c>+</c> stands for any one and <c>#</c>, at the end, for any number,
/// none included. <c>home/+/temperature</c>, <c>home/#</c> (which is <c>home</c> as well).
/// </summary>
public sealed class ResourcePattern : IEquatable<ResourcePattern>
{
    /// <summary>Segments a name or a pattern may have.</summary>
    public const int MaxSegments = 16;

    /// <summary>Bytes a segment may have in UTF-8.</summary>
    public const int MaxSegmentBytes = 64;

    /// <summary>Bytes a pattern may have in UTF-8.</summary>
    public const int MaxBytes = 512;

    private readonly string _text;
    private readonly string[] _segments;

    private ResourcePattern(string text, string[] segments) => (_text, _segments) = (text, segments);

    /// <summary>Reads a pattern. False when it has an empty segment, a wildcard inside a segment, <c>#</c> before the end, or too much of anything.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ResourcePattern? pattern)
    {
        pattern = null;
        if (text is null || text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes || !WireText.IsPlain(text)) { return false; }
        var segments = text.Split('/');
        if (segments.Length > MaxSegments) { return false; }
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] == "+" || (segments[i] == "#" && i == segments.Length - 1)) { continue; }
            if (!IsSegment(segments[i])) { return false; }
        }
        pattern = new(text, segments);
        return true;
    }

    /// <summary>Reads a pattern a program was written with.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ResourcePattern Parse(string text) => TryParse(text, out var pattern)
        ? pattern
        : throw new FormatException($"'{text}' is no pattern: segments between slashes, '+' for any one, '#' at the end for any number.");

    /// <summary>Whether a name is one of those. What is no name, such as a pattern, never is.</summary>
    public bool Matches(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > MaxBytes) { return false; }
        var parts = name.Split('/');
        if (parts.Length > MaxSegments || !Array.TrueForAll(parts, IsSegment)) { return false; }
        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[i] == "#") { return true; } // zero segments included: "home/#" is "home" too
            if (i >= parts.Length || (_segments[i] != "+" && !string.Equals(_segments[i], parts[i], StringComparison.Ordinal))) { return false; }
        }
        return parts.Length == _segments.Length;
    }

    /// <inheritdoc/>
    public bool Equals(ResourcePattern? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResourcePattern);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The pattern as it is written.</summary>
    public override string ToString() => _text;

    private static bool IsSegment(string segment) =>
        segment.Length > 0 && Encoding.UTF8.GetByteCount(segment) <= MaxSegmentBytes && segment.AsSpan().IndexOfAny('+', '#') < 0;
}
