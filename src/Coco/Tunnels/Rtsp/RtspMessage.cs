using System.Globalization;
using System.Text;

namespace Coco.Tunnels.Rtsp;

/// <summary>
/// A request or a response of RTSP (RFC 2326 §4 to §7, RFC 7826 §5). What is not changed is written as it was read, byte for byte; a byte is a character
/// of Latin-1 here.
/// </summary>
internal sealed class RtspMessage
{
    private readonly string _startLine;
    private readonly List<Field> _fields;
    private readonly string _emptyLine;
    private byte[] _body = [];

    private RtspMessage(string startLine, List<Field> fields, string emptyLine) => (_startLine, _fields, _emptyLine) = (startLine, fields, emptyLine);

    /// <summary>What is asked for; null of a response.</summary>
    public string? Method { get; private init; }

    /// <summary>Of what.</summary>
    public string Uri { get; private init; } = "";

    /// <summary>The code of a response.</summary>
    public int Status { get; private init; }

    /// <summary>As <c>RTSP/1.0</c>.</summary>
    public string Version { get; private init; } = "";

    /// <summary>Whether addresses of media are written as RFC 7826 §18.54 has them.</summary>
    public bool IsVersion2 => Version.StartsWith("RTSP/2.", StringComparison.Ordinal);

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Bytes of the body that the head announces; null where it says nothing clear.</summary>
    public int? ContentLength { get; private set; }

    public byte[] Body
    {
        get => _body;
        set => (_body, ContentLength) = (value, value.Length);
    }

    /// <summary>Whether anything was changed since it was read.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Reads a head with its empty line; null where it is none.</summary>
    public static RtspMessage? Parse(ReadOnlySpan<byte> head)
    {
        if (head.IndexOfAnyInRange((byte)0, (byte)8) >= 0 || head.Contains((byte)0x7F)) { return null; }
        var text = Encoding.Latin1.GetString(head);
        var lines = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) + 1;
            var line = text[at..end];
            if (line.AsSpan(0, line.Length - (line.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : 1)).Contains('\r')) { return null; }
            lines.Add(line);
            at = end;
        }
        var fields = ParseFields(lines[1..^1]);
        return fields is null ? null : ParseStart(lines[0], fields, lines[^1]);
    }

    /// <summary>A header's value; those of several of the name as one (RFC 2326 §4.2, RFC 7826 §5.2). Null where there is none.</summary>
    public string? this[string name]
    {
        get
        {
            var values = _fields.Where(field => field.Is(name)).Select(static field => field.Value).ToArray();
            return values.Length == 0 ? null : string.Join(", ", values);
        }
    }

    /// <summary>The identifier of the session, without its timeout (RFC 2326 §12.37).</summary>
    public string? Session => this["Session"]?.Split(';')[0].Trim();

    /// <summary>Sets a header: in the place of the first of this name, or at the end.</summary>
    public void Set(string name, string value)
    {
        var at = _fields.FindIndex(field => field.Is(name));
        var set = new Field(name, value, $"{name}: {value}\r\n");
        IsChanged = true;
        if (at < 0)
        {
            _fields.Add(set);
            return;
        }
        _fields[at] = set;
        for (var i = _fields.Count - 1; i > at; i--)
        {
            if (_fields[i].Is(name)) { _fields.RemoveAt(i); }
        }
    }

    /// <summary>Another body in place of the one there is.</summary>
    public void Replace(byte[] body)
    {
        Body = body;
        Set("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
    }

    public byte[] ToBytes()
    {
        var text = new StringBuilder(_startLine);
        foreach (var field in _fields) { text.Append(field.Raw); }
        return [.. Encoding.Latin1.GetBytes(text.Append(_emptyLine).ToString()), .. _body];
    }

    /// <summary>An answer without a body.</summary>
    public static byte[] Answer(string version, int status, string reason, string? cseq) =>
        Encoding.Latin1.GetBytes($"{version} {status} {reason}\r\n{(cseq is null ? "" : $"CSeq: {cseq}\r\n")}\r\n");

    // A line that begins with a space goes on with the one before (RFC 2326 §4.2). One without a colon is none's business here, and passed on.
    private static List<Field>? ParseFields(List<string> lines)
    {
        var fields = new List<Field>();
        foreach (var line in lines)
        {
            if (line[0] is ' ' or '\t')
            {
                if (fields.Count == 0) { return null; }
                var before = fields[^1];
                fields[^1] = before with { Value = $"{before.Value} {line.Trim()}".Trim(), Raw = before.Raw + line };
                continue;
            }
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.Add(colon < 0 ? new("", "", line) : new(line[..colon].Trim(), line[(colon + 1)..].Trim(), line));
        }
        return fields;
    }

    private static RtspMessage? ParseStart(string line, List<Field> fields, string emptyLine)
    {
        var start = line.TrimEnd('\r', '\n');
        var length = LengthOf(fields);
        if (start.StartsWith("RTSP/", StringComparison.Ordinal))
        {
            var space = start.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !IsVersion(start[..space]) || start.Length < space + 4 || (start.Length > space + 4 && start[space + 4] != ' ')) { return null; }
            return int.TryParse(start.AsSpan(space + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 100
                ? new(line, fields, emptyLine) { Status = status, Version = start[..space], ContentLength = length }
                : null;
        }
        // Some players leave spaces in addresses as they are.
        var (first, last) = (start.IndexOf(' ', StringComparison.Ordinal), start.LastIndexOf(' '));
        if (first <= 0 || last <= first + 1 || !IsVersion(start[(last + 1)..])) { return null; }
        return new(line, fields, emptyLine) { Method = start[..first], Uri = start[(first + 1)..last], Version = start[(last + 1)..], ContentLength = length };
    }

    private static bool IsVersion(string text) => text is ['R', 'T', 'S', 'P', '/', >= '0' and <= '9', '.', >= '0' and <= '9'];

    // Two lengths that differ are an attack on one of two readers.
    private static int? LengthOf(List<Field> fields)
    {
        int? length = null;
        foreach (var field in fields.Where(static field => field.Is("Content-Length")))
        {
            if (!int.TryParse(field.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var one) || (length is { } other && other != one)) { return null; }
            length = one;
        }
        return length ?? 0; // RFC 2326 §12.14
    }

    private sealed record Field(string Name, string Value, string Raw)
    {
        public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
