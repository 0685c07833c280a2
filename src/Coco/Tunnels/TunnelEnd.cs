using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Coco.Tunnels;

/// <summary>
/// Where a tunnel ends: what a published service leads to, or where a program of this machine meets one that was opened. As text
/// <c>tcp:host:port</c>, <c>udp:host:port</c>, <c>rtsp:host:port</c> or <c>unix:path</c>; without a host it is 127.0.0.1.
/// </summary>
public sealed record TunnelEnd
{
    private const string Loopback = "127.0.0.1";

    private TunnelEnd(TunnelKind kind, string host, int port) => (Kind, Host, Port) = (kind, host, port);

    /// <summary>What is there.</summary>
    public TunnelKind Kind { get; }

    /// <summary>The host's name or address; of a Unix socket the path.</summary>
    public string Host { get; }

    /// <summary>The port; 0 at a local end lets the system choose.</summary>
    public int Port { get; }

    internal bool IsDatagrams => Kind is TunnelKind.Udp;

    /// <summary>A TCP port of this machine's.</summary>
    public static TunnelEnd Tcp(int port) => Tcp(Loopback, port);

    /// <summary>A TCP port.</summary>
    public static TunnelEnd Tcp(string host, int port) => Of(TunnelKind.Tcp, host, port);

    /// <summary>A UDP port of this machine's.</summary>
    public static TunnelEnd Udp(int port) => Udp(Loopback, port);

    /// <summary>A UDP port.</summary>
    public static TunnelEnd Udp(string host, int port) => Of(TunnelKind.Udp, host, port);

    /// <summary>An RTSP server of this machine's.</summary>
    public static TunnelEnd Rtsp(int port) => Rtsp(Loopback, port);

    /// <summary>An RTSP server, a camera of the LAN for example: players at other nodes may have its media as datagrams too. At a local end it is the same as
    /// <see cref="Tcp(string, int)"/>.</summary>
    public static TunnelEnd Rtsp(string host, int port) => Of(TunnelKind.Rtsp, host, port);

    /// <summary>A Unix socket.</summary>
    public static TunnelEnd Unix(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(TunnelKind.Unix, path, 0);
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TunnelEnd? end)
    {
        end = null;
        if (text?.Split(':', 2) is not [var scheme, { Length: > 0 } rest]) { return false; }
        if (scheme == "unix")
        {
            end = Unix(rest);
            return true;
        }
        TunnelKind? kind = scheme switch { "tcp" => TunnelKind.Tcp, "udp" => TunnelKind.Udp, "rtsp" => TunnelKind.Rtsp, _ => null };
        if (kind is null || rest.StartsWith('/')) { return false; } // such as rtsp://camera/: it is no address of a page
        var colon = rest.LastIndexOf(':');
        var host = colon < 0 ? Loopback : rest[..colon];
        if (host is ['[', .., ']']) { host = host[1..^1]; }
        if (host.Length == 0 || !ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) { return false; }
        end = new(kind.Value, host, port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        TunnelKind.Unix => $"unix:{Host}",
        TunnelKind.Udp => $"udp:{Authority}",
        TunnelKind.Rtsp => $"rtsp:{Authority}",
        _ => $"tcp:{Authority}",
    };

    /// <summary>Host and port, as in an address.</summary>
    internal string Authority => $"{HostAsText}:{Port}";

    internal TunnelEnd At(EndPoint local) => local is IPEndPoint ip ? new(Kind, ip.Address.ToString(), ip.Port) : this;

    private string HostAsText => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;

    /// <summary>The address to listen on.</summary>
    /// <exception cref="CocoException">It is none.</exception>
    internal EndPoint ToLocal()
    {
        if (Kind is TunnelKind.Unix) { return ToUnix(); }
        if (Host == "localhost") { return new IPEndPoint(IPAddress.Loopback, Port); }
        return IPAddress.TryParse(Host, out var address)
            ? new IPEndPoint(address, Port)
            : throw new CocoException(CocoError.Invalid, $"A tunnel cannot be opened at {this}: {Host} is no address of this machine. Name an address such as {Loopback}.");
    }

    internal UnixDomainSocketEndPoint ToUnix()
    {
        try
        {
            return new(Host);
        }
        catch (ArgumentException exception)
        {
            throw new CocoException(CocoError.Invalid, $"'{Host}' cannot be the path of a Unix socket: the system takes about 100 bytes. Choose a shorter one.", exception);
        }
    }

    private static TunnelEnd Of(TunnelKind kind, string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return new(kind, host, port);
    }
}
