using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Tunnels.Rtsp;

/// <summary>Finds where requests, responses and interleaved frames end (RFC 2326 §4, §10.12; RFC 7826 §5, §14).</summary>
internal static class RtspReader
{
    /// <summary>Bytes of a message's head. Chosen: twice what common servers take of HTTP, as a digest and a list of transports fit easily.</summary>
    public const int MaxHead = 16 * 1024;

    /// <summary>Bytes of a message's body. Chosen: descriptions have some kilobytes.</summary>
    public const int MaxBody = 1024 * 1024;

    // $ ‖ channel u8 ‖ length u16 ‖ bytes (RFC 2326 §10.12).
    private const int FrameHeader = 4;

    private static readonly SearchValues<byte> OfMethods = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"u8);

    /// <summary>Whether bytes may be the beginning of a player's first request, as far as they go: <c>METHOD rtsp:</c> or <c>METHOD *</c>.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> bytes)
    {
        var method = bytes.IndexOfAnyExcept(OfMethods);
        if (method < 0) { return true; }
        if (method == 0 || bytes[method] != ' ') { return false; }
        var uri = bytes[(method + 1)..];
        if (uri is [(byte)'*', ..]) { return true; }
        ReadOnlySpan<byte> scheme = "rtsp"u8;
        for (var i = 0; i < Math.Min(uri.Length, scheme.Length); i++)
        {
            if ((uri[i] | 0x20) != scheme[i]) { return false; }
        }
        return true;
    }

    /// <summary>Reads one message, frame, or empty line between messages, which receivers skip (RFC 2326 §4.1).</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="length">Bytes that it has; where it is incomplete and that is known already, how many have to be there before it is worth to try again, else 0.</param>
    /// <param name="message">The message, with its body; null where it is none.</param>
    /// <param name="isTooLong">Whether it is refused for its length only.</param>
    public static ParseStatus Read(ReadOnlySpan<byte> bytes, out int length, out RtspMessage? message, out bool isTooLong)
    {
        (length, message, isTooLong) = (0, null, false);
        switch (bytes)
        {
            case []:
            case [(byte)'\r']:
                return ParseStatus.Incomplete;
            case [(byte)'\r', (byte)'\n', ..]:
                length = 2;
                return ParseStatus.Done;
            case [(byte)'\n', ..]:
                length = 1;
                return ParseStatus.Done;
            case [(byte)'$', ..]:
                length = bytes.Length < FrameHeader ? FrameHeader : FrameHeader + BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
                return bytes.Length < FrameHeader || bytes.Length < length ? ParseStatus.Incomplete : ParseStatus.Done;
            default:
                return ReadMessage(bytes, out length, out message, out isTooLong);
        }
    }

    private static ParseStatus ReadMessage(ReadOnlySpan<byte> bytes, out int length, out RtspMessage? message, out bool isTooLong)
    {
        (length, message, isTooLong) = (0, null, false);
        if (!CanBegin(bytes[0])) { return ParseStatus.Malformed; }
        var head = FindEndOfHead(bytes[..Math.Min(bytes.Length, MaxHead)]);
        if (head < 0)
        {
            isTooLong = bytes.Length >= MaxHead;
            return isTooLong ? ParseStatus.Malformed : ParseStatus.Incomplete;
        }
        message = RtspMessage.Parse(bytes[..head]);
        if (message is null || message.ContentLength is not { } body) { return ParseStatus.Malformed; }
        isTooLong = body > MaxBody;
        if (isTooLong) { return ParseStatus.Malformed; }
        length = head + body;
        if (bytes.Length < length) { return ParseStatus.Incomplete; }
        message.Body = bytes[head..length].ToArray();
        return ParseStatus.Done;
    }

    // A method or a version: what is none is told at once, and not after the longest head.
    private static bool CanBegin(byte first) => char.IsAsciiLetter((char)first) || first is (byte)'_' or (byte)'-';

    // The byte behind the empty line. RFC 2326 §4 lets lines end with LF alone; such with CR alone, which it also knows, RtspMessage refuses: no program
    // sends them, and where two readers disagree on them a header could be smuggled past this one.
    private static int FindEndOfHead(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; ;)
        {
            var end = bytes[at..].IndexOf((byte)'\n');
            if (end < 0) { return -1; }
            if (end == 0 || (end == 1 && bytes[at] == '\r')) { return at + end + 1; }
            at += end + 1;
        }
    }
}
