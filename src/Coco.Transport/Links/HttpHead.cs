using System.Diagnostics.CodeAnalysis;
using System.Text;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>The first line and the fields of an HTTP/1.1 message (RFC 9112 §2), as far as opening a WebSocket needs them.</summary>
internal sealed class HttpHead
{
    /// <summary>Bytes of the longest head taken.</summary>
    public const int MaxLength = 8 << 10;

    private readonly List<(string Name, string Value)> _fields = [];

    private HttpHead(string startLine) => StartLine = startLine;

    public string StartLine { get; }

    /// <summary>The status of a response; 0 for what is no HTTP/1 response.</summary>
    public int Status =>
        StartLine.Length >= 12 && StartLine.StartsWith("HTTP/1.", StringComparison.Ordinal) && StartLine[8] == ' '
            && (StartLine.Length == 12 || StartLine[12] == ' ')
            && int.TryParse(StartLine.AsSpan(9, 3), System.Globalization.NumberStyles.None, provider: null, out var status)
            && status >= 100
            ? status : 0;

    /// <summary>Reads a head and not a byte more: what follows belongs to another protocol.</summary>
    /// <exception cref="LinkException">The peer closed, or sent none.</exception>
    public static async Task<HttpHead> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        // One byte a read: heads are short and rare, and nothing has to be put back.
        var bytes = new byte[MaxLength];
        var length = 0;
        while (!EndsWithEmptyLine(bytes.AsSpan(0, length)))
        {
            if (length == MaxLength) { throw new LinkException(LinkFailure.NotARelay, "sent an HTTP head over 8 KiB"); }
            if (await stream.ReadAsync(bytes.AsMemory(length, 1), cancellationToken).ConfigureAwait(false) == 0)
            {
                throw new LinkException(LinkFailure.NotARelay, "closed where an HTTP head was due");
            }
            length++;
        }
        return TryParse(bytes.AsSpan(0, length), out var head) ? head : throw new LinkException(LinkFailure.NotARelay, "sent something else than HTTP");
    }

    /// <summary>Reads a head from its first byte to its empty line.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out HttpHead? head)
    {
        head = null;
        if (bytes.Length > MaxLength || !EndsWithEmptyLine(bytes) || bytes.ContainsAnyExceptInRange((byte)'\t', (byte)'~')) { return false; }
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        var read = new HttpHead(lines[0].TrimEnd('\r'));
        foreach (var line in lines.AsSpan(1))
        {
            var field = line.TrimEnd('\r');
            if (field.Length == 0) { break; }
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            // RFC 9112 §5.1: no space before the colon; §5.2: lines are no longer folded.
            if (colon <= 0 || field.AsSpan(0, colon).ContainsAny(' ', '\t')) { return false; }
            read._fields.Add((field[..colon], field[(colon + 1)..].Trim()));
        }
        if (read.StartLine.Length == 0) { return false; }
        head = read;
        return true;
    }

    /// <summary>The value of a field, with several of one name joined (RFC 9110 §5.3); empty when there is none.</summary>
    public string this[string name] =>
        string.Join(", ", _fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static field => field.Value));

    /// <summary>The status for people, with where a captive portal sends them.</summary>
    public string Describe() =>
        this["Location"] is { Length: > 0 } location ? $"\"{Shorten(StartLine)}\", to {Shorten(location)}" : $"\"{Shorten(StartLine)}\"";

    /// <summary>Whether a field that is a list contains an item, in any case.</summary>
    public bool Lists(string name, string item) => Contains(this[name], item);

    /// <summary>The same of a field's value.</summary>
    public static bool Contains(string list, string item) =>
        list.Split(',', StringSplitOptions.TrimEntries).Contains(item, StringComparer.OrdinalIgnoreCase);

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";

    // RFC 9112 §2.2: a lone LF may be taken for the end of a line.
    private static bool EndsWithEmptyLine(ReadOnlySpan<byte> bytes) => bytes.EndsWith("\r\n\r\n"u8) || bytes.EndsWith("\n\n"u8);
}
