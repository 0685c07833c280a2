namespace Coco.Quic.Tls;

/// <summary>The cookie extension (RFC 8446 §4.2.2): <c>opaque cookie&lt;1..2^16-1&gt;</c>, echoed as it came.</summary>
internal static class Cookie
{
    public static bool TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> cookie)
    {
        var reader = new TlsReader(data);
        return reader.TryReadVector16(1, out cookie) && reader.IsEmpty;
    }

    public static void Write(TlsWriter writer, ReadOnlySpan<byte> cookie)
    {
        var extension = writer.BeginExtension(ExtensionType.Cookie);
        writer.WriteUInt16((ushort)cookie.Length);
        writer.Write(cookie);
        writer.EndExtension(extension);
    }
}
