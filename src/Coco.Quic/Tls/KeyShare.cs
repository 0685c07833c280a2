namespace Coco.Quic.Tls;

/// <summary>
/// The key_share extension (RFC 8446 §4.2.8), of which only x25519 is looked at.
/// <code>
/// struct {
///     NamedGroup group;                    2 bytes
///     opaque key_exchange&lt;1..2^16-1&gt;;      32 bytes for x25519
/// } KeyShareEntry;
///
/// ClientHello:        KeyShareEntry client_shares&lt;0..2^16-1&gt;
/// ServerHello:        KeyShareEntry server_share
/// HelloRetryRequest:  NamedGroup selected_group
/// </code>
/// </summary>
internal static class KeyShare
{
    /// <summary>Finds the x25519 share among a client's; empty when there is none.</summary>
    public static bool TryReadClient(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> share, out AlertDescription alert)
    {
        share = default;
        alert = AlertDescription.DecodeError;
        var outer = new TlsReader(data);
        if (!outer.TryReadVector16(0, out var shares) || !outer.IsEmpty) { return false; }

        var reader = new TlsReader(shares);
        while (!reader.IsEmpty)
        {
            alert = AlertDescription.DecodeError;
            if (!TryReadEntry(ref reader, out var group, out var key)) { return false; }
            if (group != TlsProfile.Group) { continue; }

            // §4.2.8: one entry per group. §4.2.8.2: an x25519 share is the 32 bytes of RFC 7748.
            alert = AlertDescription.IllegalParameter;
            if (!share.IsEmpty || key.Length != TlsProfile.KeyShareLength) { return false; }
            share = key;
        }

        return true;
    }

    public static bool TryReadServer(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> share, out AlertDescription alert)
    {
        alert = AlertDescription.DecodeError;
        var reader = new TlsReader(data);
        if (!TryReadEntry(ref reader, out var group, out share) || !reader.IsEmpty) { return false; }

        // §4.2.8: the group must be one the client sent a share for.
        alert = AlertDescription.IllegalParameter;
        return group == TlsProfile.Group && share.Length == TlsProfile.KeyShareLength;
    }

    public static void WriteEntry(TlsWriter writer, ReadOnlySpan<byte> publicKey)
    {
        writer.WriteUInt16(TlsProfile.Group);
        writer.WriteUInt16(TlsProfile.KeyShareLength);
        writer.Write(publicKey);
    }

    private static bool TryReadEntry(scoped ref TlsReader reader, out ushort group, out ReadOnlySpan<byte> key)
    {
        key = default;
        return reader.TryReadUInt16(out group) && reader.TryReadVector16(1, out key);
    }
}
