using System.Security.Cryptography;

namespace Coco.Quic.Packets;

/// <summary>Initial keys, which anyone who saw the client's first packet can compute (RFC 9001 §5.2).</summary>
internal static class InitialSecrets
{
    private static ReadOnlySpan<byte> InitialSalt =>
    [
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
        0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a,
    ];

    /// <summary>
    /// The secrets of both sides, 32 bytes each, from the Destination Connection ID of the client's first Initial.
    /// </summary>
    public static void Derive(in ConnectionId clientDestination, Span<byte> clientSecret, Span<byte> serverSecret)
    {
        Span<byte> initialSecret = stackalloc byte[HkdfLabel.HashLength];
        HkdfLabel.Extract(InitialSalt, clientDestination.Span, initialSecret);
        HkdfLabel.ExpandLabel(initialSecret, "client in"u8, [], clientSecret);
        HkdfLabel.ExpandLabel(initialSecret, "server in"u8, [], serverSecret);
    }

    /// <summary>The keys to protect and to open Initial packets with, as seen by the given side.</summary>
    public static (PacketKeys Send, PacketKeys Receive) DeriveKeys(in ConnectionId clientDestination, bool isServer)
    {
        Span<byte> clientSecret = stackalloc byte[HkdfLabel.HashLength];
        Span<byte> serverSecret = stackalloc byte[HkdfLabel.HashLength];
        Derive(clientDestination, clientSecret, serverSecret);
        var client = PacketKeys.Derive(clientSecret, AeadKind.Aes128Gcm);
        var server = PacketKeys.Derive(serverSecret, AeadKind.Aes128Gcm);
        CryptographicOperations.ZeroMemory(clientSecret);
        CryptographicOperations.ZeroMemory(serverSecret);
        return isServer ? (server, client) : (client, server);
    }
}
