using System.Globalization;
using System.Net;

namespace Coco.Tunnels.Rtsp;

/// <summary>The ports of a medium at one side: RTP's and, where it is not the same (RFC 5761) or missing, RTCP's. With them the host, where it is named.</summary>
internal readonly record struct RtspPorts(int Rtp, int? Rtcp, string Host = "")
{
    public int Count => Rtcp is null ? 1 : 2;

    /// <summary>Reads <c>5000-5001</c> or <c>5000</c> (RFC 2326 §12.39).</summary>
    public static RtspPorts? Parse(string? text)
    {
        if (text?.Split('-') is not [var first, ..] parts || parts.Length > 2 || PortOf(first) is not { } rtp) { return null; }
        if (parts is not [_, var second]) { return new(rtp, null); }
        return PortOf(second) is { } rtcp ? new(rtp, rtcp == rtp ? null : rtcp) : null;
    }

    /// <summary>Reads <c>"host:5000"/"host:5001"</c>, where the host may be missing, or one of the two (RFC 7826 §18.54).</summary>
    public static RtspPorts? ParseAddresses(string? text)
    {
        if (text?.Split('/') is not [var first, ..] parts || parts.Length > 2 || AddressOf(first) is not var (host, rtp)) { return null; }
        if (parts is not [_, var second]) { return new(rtp, null, host); }
        return AddressOf(second) is var (other, rtcp) && other == host ? new(rtp, rtcp == rtp ? null : rtcp, host) : null;
    }

    /// <summary>As <c>5000-5001</c>.</summary>
    public override string ToString() => Rtcp is { } rtcp ? string.Create(CultureInfo.InvariantCulture, $"{Rtp}-{rtcp}") : Rtp.ToString(CultureInfo.InvariantCulture);

    /// <summary>As <c>"host:5000"/"host:5001"</c>.</summary>
    public string ToAddresses() => Rtcp is { } rtcp ? $"\"{At(Rtp)}\"/\"{At(rtcp)}\"" : $"\"{At(Rtp)}\"";

    /// <summary>The address that the host is; null where none is named, or a name.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host, out var address) ? address : null;

    private string At(int port) => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{port}" : $"{Host}:{port}";

    private static int? PortOf(string text) =>
        ushort.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;

    private static (string Host, int Port)? AddressOf(string text)
    {
        var address = text.Trim().Trim('"');
        var colon = address.LastIndexOf(':');
        if (colon < 0 || PortOf(address[(colon + 1)..]) is not { } port) { return null; }
        var host = address[..colon];
        return (host is ['[', .., ']'] ? host[1..^1] : host, port);
    }
}
