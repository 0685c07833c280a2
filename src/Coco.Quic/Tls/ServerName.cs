using System.Text;

namespace Coco.Quic.Tls;

/// <summary>
/// The server_name extension (RFC 6066 §3).
/// <code>
/// struct {
///     NameType name_type = host_name(0);   1 byte
///     opaque HostName&lt;1..2^16-1&gt;;
/// } ServerName;
/// ServerName server_name_list&lt;1..2^16-1&gt;
/// </code>
/// </summary>
internal static class ServerName
{
    private const byte HostName = 0;

    /// <summary>Longer than any DNS name, so that a refused name does not fill the log.</summary>
    private const int MaxLength = 255;

    public static bool TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> name)
    {
        name = default;
        var outer = new TlsReader(data);
        if (!outer.TryReadVector16(1, out var list) || !outer.IsEmpty) { return false; }

        // No other name type was ever defined, so the form of one is not known.
        var reader = new TlsReader(list);
        return reader.TryReadByte(out var type) && type == HostName &&
               reader.TryReadVector16(1, out name) && name.Length <= MaxLength && reader.IsEmpty;
    }

    public static void Write(TlsWriter writer, string name)
    {
        var extension = writer.BeginExtension(ExtensionType.ServerName);
        var list = writer.BeginVector(2);
        writer.WriteByte(HostName);
        writer.WriteUInt16((ushort)name.Length);
        Encoding.ASCII.GetBytes(name, writer.Take(name.Length));
        writer.EndVector(list, 2);
        writer.EndExtension(extension);
    }
}
