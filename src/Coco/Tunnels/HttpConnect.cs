using System.Globalization;
using System.Text;

namespace Coco.Tunnels;

/// <summary>The head of a request to a proxy (RFC 9112 §3): of CONNECT (RFC 9110 §9.3.6) only the authority and the credentials matter, others are brought to the server.</summary>
internal static class HttpConnect
{
    // Chosen: what common servers take.
    public const int MaxHead = 8 * 1024;

    private const string Credentials = "proxy-authorization";
    private const string Basic = "basic ";

    /// <summary>Reads the head up to its empty line.</summary>
    public static ParseStatus Read(ReadOnlySpan<byte> bytes, out HttpConnectRequest request, out int length)
    {
        (request, length) = (default, 0);
        if (bytes.Length >= 1 && !char.IsAsciiLetterUpper((char)bytes[0])) { return ParseStatus.Malformed; }
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) { return bytes.Length >= MaxHead ? ParseStatus.Malformed : ParseStatus.Incomplete; }
        length = end + 4;
        // RFC 9112 §2.2: no control characters but the ends of lines, and tabs.
        var head = bytes[..end];
        foreach (var one in head)
        {
            if (one is < (byte)' ' and not ((byte)'\r' or (byte)'\n' or (byte)'\t') or 0x7F) { return ParseStatus.Malformed; }
        }
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines.Any(static line => line.AsSpan().ContainsAny('\r', '\n')) || lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"] || method.Length == 0)
        {
            return ParseStatus.Malformed;
        }
        if (!TryReadFields(lines.AsSpan(1), out var password)) { return ParseStatus.Malformed; }
        var isRead = method == "CONNECT" ? TryReadAuthority(target, out request) : HttpForward.TryRead(lines, target, out request);
        request = request with { Password = password };
        return isRead ? ParseStatus.Done : ParseStatus.Malformed;
    }

    /// <summary>An answer that ends the connection, with a sentence for people.</summary>
    public static byte[] Refusal(int status, string reason, string sentence, string? field = null)
    {
        var body = Encoding.UTF8.GetBytes(sentence + "\n");
        var head = $"HTTP/1.1 {status} {reason}\r\n{(field is null ? "" : field + "\r\n")}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static bool TryReadAuthority(string target, out HttpConnectRequest request)
    {
        request = default;
        // RFC 9110 §9.3.6: the authority has a port.
        var colon = target.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) { return false; }
        request = new(target[..colon], null);
        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<string> lines, out byte[]? password)
    {
        password = null;
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(' ', '\t')) { return false; } // §5.1, §5.2
            if (!line.AsSpan(0, colon).Equals(Credentials, StringComparison.OrdinalIgnoreCase)) { continue; }
            var value = line.AsSpan(colon + 1).Trim();
            if (value.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) { password = PasswordOf(value[Basic.Length..].Trim()); }
        }
        return true;
    }

    // RFC 7617 §2: base64 of the user's name, a colon and the password.
    private static byte[]? PasswordOf(ReadOnlySpan<char> credentials)
    {
        var bytes = new byte[credentials.Length];
        if (!Convert.TryFromBase64Chars(credentials, bytes, out var length)) { return null; }
        var colon = bytes.AsSpan(0, length).IndexOf((byte)':');
        return colon < 0 ? null : bytes[(colon + 1)..length];
    }
}
