using System.Text;

namespace Coco.Quic.Tls;

/// <summary>
/// The application_layer_protocol_negotiation extension (RFC 7301 §3.1).
/// <code>
/// opaque ProtocolName&lt;1..2^8-1&gt;;
/// ProtocolName protocol_name_list&lt;2..2^16-1&gt;
/// </code>
/// </summary>
internal static class ApplicationProtocols
{
    /// <summary>How much of a peer's list a reason quotes.</summary>
    private const int Quoted = 120;

    /// <summary>Checks the form of a list and finds the first of ours in it; null when there is none.</summary>
    public static bool TrySelect(ReadOnlySpan<byte> data, IReadOnlyList<string> ours, out string? selected)
    {
        selected = null;
        var outer = new TlsReader(data);
        if (!outer.TryReadVector16(2, out var names) || !outer.IsEmpty) { return false; }

        var best = ours.Count;
        var reader = new TlsReader(names);
        while (!reader.IsEmpty)
        {
            if (!reader.TryReadVector8(1, out var name)) { return false; }
            for (var i = 0; i < best; i++)
            {
                if (Ascii.Equals(name, ours[i])) { best = i; }
            }
        }

        selected = best < ours.Count ? ours[best] : null;
        return true;
    }

    public static void Write(TlsWriter writer, IReadOnlyList<string> names)
    {
        var extension = writer.BeginExtension(ExtensionType.ApplicationLayerProtocolNegotiation);
        var list = writer.BeginVector(2);
        foreach (var name in names) { WriteName(writer, name); }
        writer.EndVector(list, 2);
        writer.EndExtension(extension);
    }

    public static void Write(TlsWriter writer, string name) => Write(writer, [name]);

    /// <summary>A peer's list for a log line: printable ASCII, cut to a bounded length.</summary>
    public static string Describe(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        foreach (var value in data[..Math.Min(data.Length, Quoted)])
        {
            text.Append(value is >= 0x21 and < 0x7f ? (char)value : ' ');
        }

        return text.ToString().Trim();
    }

    private static void WriteName(TlsWriter writer, string name)
    {
        writer.WriteByte((byte)name.Length);
        Encoding.ASCII.GetBytes(name, writer.Take(name.Length));
    }
}
