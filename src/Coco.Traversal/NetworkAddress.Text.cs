using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Coco.Traversal;

/// <summary>Text: <c>192.0.2.1:443</c>, <c>[2001:db8::1]:443</c> (RFC 5952 §4, §6).</summary>
public readonly partial struct NetworkAddress
{
    /// <summary>Address and port.</summary>
    public override string ToString() => IsIpv4 ? $"{HostText}:{_port}" : $"[{HostText}]:{_port}";

    /// <summary>The address without the port.</summary>
    public string HostText => IsIpv4
        ? string.Create(CultureInfo.InvariantCulture, $"{Ipv4 >> 24}.{(Ipv4 >> 16) & 0xFF}.{(Ipv4 >> 8) & 0xFF}.{Ipv4 & 0xFF}")
        : Ipv6Text();

    /// <summary>Reads an address with a port, as <see cref="ToString"/> writes it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NetworkAddress address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)) { return false; }
        var host = text[..colon];
        var isBracketed = host[0] == '[' && host[^1] == ']';
        if (host.Contains(':') != isBracketed) { return false; }
        if (isBracketed) { host = host[1..^1]; }
        if (!TryParseHost(host, out address)) { return false; }
        address = address.WithPort(port);
        return true;
    }

    /// <summary>Reads an address without a port; the port is 0 then.</summary>
    public static bool TryParseHost(ReadOnlySpan<char> text, out NetworkAddress address) =>
        text.Contains(':') ? TryParseIpv6(text, out address) : TryParseIpv4(text, out address);

    private static bool TryParseIpv4(ReadOnlySpan<char> text, out NetworkAddress address)
    {
        address = default;
        var value = 0u;
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            // No leading zeros: some read them as octal.
            if (++parts > 4 || part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')) { return false; }
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) { return false; }
            value = (value << 8) | number;
        }
        if (parts != 4) { return false; }
        address = FromIpv4(value, 0);
        return true;
    }

    private static bool TryParseIpv6(ReadOnlySpan<char> text, out NetworkAddress address)
    {
        address = default;
        var scope = 0u;
        if (text.IndexOf('%') is >= 0 and var percent)
        {
            if (!uint.TryParse(text[(percent + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out scope)) { return false; }
            text = text[..percent];
        }
        var gap = text.IndexOf("::");
        Span<ushort> groups = stackalloc ushort[8];
        groups.Clear();
        if (gap < 0)
        {
            if (!TryParseGroups(text, groups, out var count) || count != 8) { return false; }
        }
        else
        {
            Span<ushort> tail = stackalloc ushort[8];
            if (!TryParseGroups(text[..gap], groups, out var before) || !TryParseGroups(text[(gap + 2)..], tail, out var after)) { return false; }
            if (before + after > 7) { return false; }
            groups[before..].Clear();
            tail[..after].CopyTo(groups[(8 - after)..]);
        }
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < 8; i++) { BinaryPrimitives.WriteUInt16BigEndian(bytes[(2 * i)..], groups[i]); }
        address = FromIpv6(bytes, 0, scope);
        return true;
    }

    private static bool TryParseGroups(ReadOnlySpan<char> text, Span<ushort> groups, out int count)
    {
        count = 0;
        if (text.IsEmpty) { return true; }
        foreach (var range in text.Split(':'))
        {
            var part = text[range];
            if (part.Contains('.'))
            {
                // RFC 4291 §2.2: the last 32 bits may be written as IPv4.
                if (range.End.GetOffset(text.Length) != text.Length || count > 6 || !TryParseIpv4(part, out var ipv4)) { return false; }
                groups[count++] = (ushort)(ipv4.Ipv4 >> 16);
                groups[count++] = (ushort)ipv4.Ipv4;
                return true;
            }
            if (count == 8 || part.Length is 0 or > 4) { return false; }
            if (!ushort.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out groups[count++])) { return false; }
        }
        return true;
    }

    private string Ipv6Text()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteIpv6(bytes);
        // RFC 5952 §4.2: the longest run of two or more zero groups is shortened, the first of equals.
        var (start, length) = (-1, 1);
        for (var i = 0; i < 8; i++)
        {
            var run = 0;
            while (i + run < 8 && BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * (i + run))..]) == 0) { run++; }
            if (run > length) { (start, length) = (i, run); }
            i += Math.Max(0, run - 1);
        }
        var text = new StringBuilder(48);
        for (var i = 0; i < 8; i++)
        {
            if (i == start)
            {
                text.Append("::");
                i += length - 1;
                continue;
            }
            if (i > 0 && text[^1] != ':') { text.Append(':'); }
            text.Append(BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]).ToString("x", CultureInfo.InvariantCulture));
        }
        if (_scope != 0) { text.Append('%').Append(_scope.ToString(CultureInfo.InvariantCulture)); }
        return text.ToString();
    }
}
