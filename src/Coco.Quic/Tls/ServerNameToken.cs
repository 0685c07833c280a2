using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>
/// The server name of the raw-key profile: proof that the client knows whom it wants to reach, without saying so on the wire.
/// <code>
/// token = base32( HMAC-SHA256(key = NodeId of the server, message = ClientHello.random)[0..16] )
///         RFC 4648 alphabet in lower case, no padding: 26 characters, one DNS label
/// </code>
/// The random makes it different in every connection, so it links nothing to an observer who does not know the NodeId.
/// </summary>
internal static class ServerNameToken
{
    public const int Length = 26;

    private const int TagLength = 16;

    private static ReadOnlySpan<byte> Alphabet => "abcdefghijklmnopqrstuvwxyz234567"u8;

    public static string Create(NodeId target, ReadOnlySpan<byte> clientRandom)
    {
        Span<byte> token = stackalloc byte[Length];
        Write(target, clientRandom, token);
        return System.Text.Encoding.ASCII.GetString(token);
    }

    public static bool Matches(ReadOnlySpan<byte> serverName, NodeId identity, ReadOnlySpan<byte> clientRandom)
    {
        if (serverName.Length != Length) { return false; }
        Span<byte> token = stackalloc byte[Length];
        Write(identity, clientRandom, token);
        return CryptographicOperations.FixedTimeEquals(serverName, token);
    }

    private static void Write(NodeId target, ReadOnlySpan<byte> clientRandom, Span<byte> token)
    {
        Span<byte> key = stackalloc byte[NodeId.Size];
        Span<byte> tag = stackalloc byte[HMACSHA256.HashSizeInBytes];
        target.CopyTo(key);
        HMACSHA256.HashData(key, clientRandom, tag);
        WriteBase32(tag[..TagLength], token);
    }

    private static void WriteBase32(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        var (bits, held, at) = (0, 0, 0);
        foreach (var next in bytes)
        {
            (bits, held) = (((bits << 8) | next) & 0xFFFF, held + 8);
            for (; held >= 5; held -= 5)
            {
                text[at++] = Alphabet[(bits >> (held - 5)) & 31];
            }
        }

        // 128 bits end in the middle of a character: the rest of it is zero (RFC 4648 §6).
        text[at] = Alphabet[(bits << (5 - held)) & 31];
    }
}
