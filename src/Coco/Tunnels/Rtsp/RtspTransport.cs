using System.Diagnostics.CodeAnalysis;

namespace Coco.Tunnels.Rtsp;

/// <summary>
/// One of the ways for media that a Transport header offers, or the one that an answer has chosen (RFC 2326 §12.39, RFC 7826 §18.54):
/// <c>RTP/AVP/UDP;unicast;client_port=5000-5001;mode="PLAY"</c>.
/// </summary>
internal sealed class RtspTransport
{
    /// <summary>Ways that a header may offer. Chosen: players offer two or three.</summary>
    public const int MaxAlternatives = 16;

    // Chosen: RFC 7826 knows fourteen.
    private const int MaxParameters = 32;

    private readonly List<(string Name, string? Value)> _parameters;

    private RtspTransport(string protocol, List<(string Name, string? Value)> parameters) => (Protocol, _parameters) = (protocol, parameters);

    /// <summary>As <c>RTP/AVP</c> or <c>RTP/AVP/TCP</c>.</summary>
    public string Protocol { get; }

    /// <summary>Whether media go on a connection. The lower transport is the last of three parts; of two it may be the second, of protocols of vendors.</summary>
    public bool IsTcp => Lower("TCP");

    /// <summary>Whether media go as datagrams, which is so where nothing is said.</summary>
    public bool IsUdp => Lower("UDP") || Protocol.Split('/').Length == 2 && !IsTcp;

    /// <summary>Whether they go to a group. RFC 2326 §12.39 says so where neither is said; programs that name a port and leave the word out mean one receiver.</summary>
    public bool IsMulticast => Has("multicast") || (!Has("unicast") && !IsTcp && !Has("client_port") && !Has("dest_addr") && !Has("interleaved"));

    /// <summary>Reads a header's value; false where it is none that could be understood, or offers more than is looked at.</summary>
    public static bool TryParseAll(string value, [NotNullWhen(true)] out List<RtspTransport>? alternatives)
    {
        alternatives = null;
        if (HidesParts(value)) { return false; }
        var read = new List<RtspTransport>();
        foreach (var text in Split(value, ','))
        {
            if (read.Count == MaxAlternatives || Parse(text) is not { } alternative) { return false; }
            read.Add(alternative);
        }
        alternatives = read;
        return true;
    }

    public bool Has(string name) => _parameters.Exists(one => Same(one.Name, name));

    /// <summary>A parameter's value; null where it is missing or has none.</summary>
    public string? this[string name] => _parameters.Find(one => Same(one.Name, name)).Value;

    /// <summary>The same with one parameter in the place of the first of others, which are left out; at the end where there was none of them.</summary>
    public RtspTransport Replace(ReadOnlySpan<string> others, params ReadOnlySpan<(string Name, string Value)> with)
    {
        var parameters = new List<(string, string?)>();
        var at = -1;
        foreach (var one in _parameters)
        {
            if (!IsAny(one.Name, others)) { parameters.Add(one); }
            else if (at < 0) { at = parameters.Count; }
        }
        at = at < 0 ? parameters.Count : at;
        foreach (var (name, value) in with) { parameters.Insert(at++, (name, value)); }
        return new(Protocol, parameters);
    }

    public override string ToString() =>
        string.Join(';', _parameters.Select(static one => one.Value is null ? one.Name : $"{one.Name}={one.Value}").Prepend(Protocol));

    private static RtspTransport? Parse(string text)
    {
        var parts = Split(text, ';');
        if (parts.Count > MaxParameters || parts[0].Split('/') is not { Length: 2 or 3 } protocol || Array.Exists(protocol, static part => part.Length == 0)) { return null; }
        if (parts[0].AsSpan().ContainsAny(" \t\"=")) { return null; }
        var parameters = new List<(string, string?)>();
        foreach (var part in parts.Skip(1).Where(static part => part.Length > 0)) // a semicolon behind the last is common
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            parameters.Add(equals < 0 ? (part, null) : (part[..equals].Trim(), part[(equals + 1)..].Trim()));
        }
        return new(parts[0], parameters);
    }

    // Servers that split without a look at quotes would find parts in them that were not looked at here. Lists of modes may stand there (RFC 2326 §12.39).
    private static bool HidesParts(string value)
    {
        var quoted = value.Split('"');
        return quoted.Length % 2 == 0 || quoted.Where(static (part, i) => i % 2 == 1 && (part.Contains(';', StringComparison.Ordinal) || (part.Contains(',', StringComparison.Ordinal) && part.Contains('/', StringComparison.Ordinal)))).Any();
    }

    // Not within quotes.
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (begin, isQuoted) = (0, false);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"') { isQuoted = !isQuoted; }
            if (text[at] != separator || isQuoted) { continue; }
            parts.Add(text[begin..at].Trim());
            begin = at + 1;
        }
        parts.Add(text[begin..].Trim());
        return parts;
    }

    private bool Lower(string name) => Protocol.LastIndexOf('/') is var slash && Same(Protocol[(slash + 1)..], name);

    private static bool IsAny(string name, ReadOnlySpan<string> others)
    {
        foreach (var other in others)
        {
            if (Same(name, other)) { return true; }
        }
        return false;
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
