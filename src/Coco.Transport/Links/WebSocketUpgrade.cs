using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>Turns an HTTP/1.1 connection into a WebSocket, from either end (RFC 6455 §4). No extension is offered or taken: what a link
/// carries is encrypted and does not compress.</summary>
internal static class WebSocketUpgrade
{
    public const string Subprotocol = "coco";

    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
    private const int KeyLength = 16; // §4.1

    /// <summary>Asks a server, as RFC 6455 §4.1 says.</summary>
    /// <exception cref="LinkException">It is no relay.</exception>
    public static async Task AskAsync(Stream stream, Uri url, CancellationToken cancellationToken)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength));
        var host = url.IsDefaultPort ? url.IdnHostInBrackets() : $"{url.IdnHostInBrackets()}:{url.PortOrDefault()}";
        await WriteAsync(
            stream,
            $"GET {url.PathOrDefault()} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {Subprotocol}\r\n\r\n",
            cancellationToken).ConfigureAwait(false);

        var head = await HttpHead.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        if (head.Status != 101) { throw NotARelay($"answered {head.Describe()} instead of 101"); }
        if (!IsUpgrade(name => head[name])) { throw NotARelay("answered 101 for something else than a WebSocket"); }
        if (head["Sec-WebSocket-Accept"] != AcceptFor(key)) { throw NotARelay("answered another request than ours"); }
        if (head["Sec-WebSocket-Protocol"] != Subprotocol) { throw NotARelay($"speaks another WebSocket subprotocol than {Subprotocol}"); }
        if (head["Sec-WebSocket-Extensions"].Length > 0) { throw NotARelay("uses a WebSocket extension that nobody offered"); }
    }

    /// <summary>Answers a client, as RFC 6455 §4.2 says.</summary>
    /// <exception cref="LinkException">It asked for something else, and has been told.</exception>
    public static async Task AnswerAsync(Stream stream, string path, CancellationToken cancellationToken)
    {
        var head = await HttpHead.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        if (RefusalOf(head, path) is { } refusal)
        {
            if (refusal.Length == 0) { throw NotARelay("sent something else than HTTP"); }
            await WriteAsync(stream, $"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", cancellationToken).ConfigureAwait(false);
            throw NotARelay($"was answered {refusal.Split('\r')[0]}");
        }
        await WriteAsync(
            stream,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {AcceptFor(head["Sec-WebSocket-Key"])}\r\nSec-WebSocket-Protocol: {Subprotocol}\r\n\r\n",
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The status line to refuse with; null for a request to take, empty for one that deserves no answer.</summary>
    public static string? RefusalOf(HttpHead head, string path)
    {
        var parts = head.StartLine.Split(' ');
        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal)) { return ""; }
        return RefusalOf(parts[0], parts[1] == path, name => head[name]);
    }

    /// <summary>The same of a request that a server of HTTP has read.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="isHere">Whether it is for our path.</param>
    /// <param name="fields">Its fields by their names; empty where there is none.</param>
    public static string? RefusalOf(string method, bool isHere, Func<string, string> fields)
    {
        if (method != "GET") { return "405 Method Not Allowed\r\nAllow: GET"; }
        if (!isHere || !IsUpgrade(fields)) { return "404 Not Found"; }
        if (fields("Sec-WebSocket-Version") != "13") { return "426 Upgrade Required\r\nSec-WebSocket-Version: 13"; } // §4.4
        return IsKey(fields("Sec-WebSocket-Key")) && HttpHead.Contains(fields("Sec-WebSocket-Protocol"), Subprotocol) ? null : "400 Bad Request";
    }

    /// <summary>What proves that a server read the key (RFC 6455 §4.2.2, item 5.4).</summary>
    public static string AcceptFor(string key)
    {
#pragma warning disable CA5350 // the RFC says SHA-1, and nothing is protected by it
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350
    }

    // Both ends say so in the same two fields (RFC 6455 §4.1, §4.2.2).
    private static bool IsUpgrade(Func<string, string> fields) => HttpHead.Contains(fields("Upgrade"), "websocket") && HttpHead.Contains(fields("Connection"), "Upgrade");

    private static bool IsKey(string key) => Base64.IsValid(key, out var length) && length == KeyLength;

    private static async Task WriteAsync(Stream stream, string head, CancellationToken cancellationToken) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken).ConfigureAwait(false);

    private static LinkException NotARelay(string why) => new(LinkFailure.NotARelay, why);
}
