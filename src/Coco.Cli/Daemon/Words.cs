using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Unicode;
using Coco.Cli.Api;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Tunnels;

namespace Coco.Cli.Daemon;

/// <summary>What names in questions mean.</summary>
internal static class Words
{
    public static Role RoleOf(string text) => text switch
    {
        "guest" => Role.Guest,
        "admin" => Role.Admin,
        "owner" => throw ApiException.Of(CocoError.Invalid, "There is one owner, who is not invited: ownership is handed over. Say guest or admin."),
        _ => throw ApiException.Of(CocoError.Invalid, $"'{text}' is no role.{Spelling.Suggest(text, ["guest", "admin"])} Say guest or admin."),
    };

    /// <summary>A member that is known here, by its name or the beginning of its identity.</summary>
    public static Peer PeerOf(HeldNode held, string text)
    {
        var peers = held.Node.Peers;
        var named = peers.Where(peer => string.Equals(peer.Name, text, StringComparison.Ordinal)).ToArray();
        if (named.Length == 0 && text.Length >= 8) { named = [.. peers.Where(peer => peer.Id.ToString().StartsWith(text, StringComparison.Ordinal))]; }
        return named switch
        {
            [var one] => one,
            [] when string.Equals(text, held.Node.Name, StringComparison.Ordinal) || text == held.Node.Id.ToString() =>
                throw ApiException.Of(CocoError.Invalid, $"{text} is this node itself. Name another: `coco peers` lists them."),
            [] => throw ApiException.Of(
                CocoError.NotFound,
                $"There is no node {text} in network {held.NetworkName}.{Spelling.Suggest(text, peers.Select(static peer => peer.Name))} `coco peers` lists those that are known here."),
            _ => throw ApiException.Of(CocoError.Invalid, $"{named.Length} nodes of network {held.NetworkName} are called {text}. Say which by its identity, as `coco peers` shows it."),
        };
    }

    /// <summary>The identity of a member, as <see cref="PeerOf"/>; in an open network also of one that is not known here and given in full.</summary>
    public static NodeId NodeOf(HeldNode held, string text) => NodeId.TryParse(text, out var id) && !id.IsDefault && id != held.Node.Id ? id : PeerOf(held, text).Id;

    /// <summary>What a node is called, or its identity where that is not known here.</summary>
    public static string NameOf(HeldNode held, NodeId id) => id == held.Node.Id ? held.Node.Name : held.Node.Peers.FirstOrDefault(peer => peer.Id == id)?.Name ?? $"{id}";

    /// <summary>Bytes as text; null where they are none that can be shown.</summary>
    public static string? TextOf(ReadOnlySpan<byte> data)
    {
        if (!Utf8.IsValid(data)) { return null; }
        var text = Encoding.UTF8.GetString(data);
        return text.Any(static one => char.IsControl(one) && one is not ('\n' or '\r' or '\t')) ? null : text;
    }

    public static LocalAccess AccessOf(string text) => text switch
    {
        "token" => LocalAccess.Token,
        "same-user" => LocalAccess.SameUser,
        "anyone" => LocalAccess.Anyone,
        _ => throw ApiException.Of(CocoError.Invalid, $"'{text}' is no way to let programs in. Say token, same-user or anyone."),
    };

    /// <summary>Where a tunnel ends; a number is a TCP port of this machine.</summary>
    public static TunnelEnd EndOf(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? TunnelEnd.Tcp(port)
        : TunnelEnd.TryParse(text, out var end) ? end
        : throw ApiException.Of(CocoError.Invalid, $"'{text}' is no end of a tunnel. Write a port, tcp:host:port, udp:host:port, rtsp:host:port or unix:path.");

    /// <summary>Refuses to ask programs for what only those of this machine have where others can connect.</summary>
    public static void CheckAccess(TunnelEnd local, LocalAccess access)
    {
        if (access is not LocalAccess.Anyone && local.Kind is not TunnelKind.Unix && local.Host != "localhost"
            && (!IPAddress.TryParse(local.Host, out var address) || !IPAddress.IsLoopback(address)))
        {
            throw ApiException.Of(CocoError.Invalid, $"{local} is reached from other machines: open it with --anyone, or at 127.0.0.1.");
        }
    }

    /// <summary>A role as people call it: whom nothing was granted is a guest like others.</summary>
    public static string NameOf(Role role) => ApiJson.NameOf(role is Role.None ? Role.Guest : role);

    public static PeerView ViewOf(Peer peer) => new()
    {
        Name = peer.Name, Id = $"{peer.Id}", User = $"{peer.User}", Role = NameOf(peer.Role), App = peer.App?.Name, SubCluster = $"{peer.SubCluster}",
        Tags = peer.Tags, Reachable = peer.IsReachable, Hops = peer.Hops, Path = peer.PathType is { } path ? ApiJson.NameOf(path) : null,
        RoundTripMs = peer.RoundTripTime?.TotalMilliseconds,
    };
}
