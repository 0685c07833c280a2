using System.Net;
using System.Net.Sockets;

namespace Coco.Tunnels.Rtsp;

/// <summary>The end beside the server: to the server it is the player, whoever that is and whatever it names.</summary>
/// <param name="opener">Opens ports.</param>
/// <param name="server">The server.</param>
/// <param name="name">What the server is published as, host and port.</param>
/// <param name="note">Told what goes wrong.</param>
internal sealed class RtspServingRelay(IMediaOpener opener, IPEndPoint server, string name, Action<string> note) : RtspRelay(opener, note)
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { name, server.ToString() };
    private string? _authority;

    /// <summary>Whether the other end carries media, and does not only pass on what the player says: a release before this one, or an app with a stream of its own.</summary>
    public bool HasMedia { get; set; }

    /// <inheritdoc/>
    protected override RtspTransport? Map(RtspTransport offered, RtspMessage message, RtspRequest request)
    {
        if (!HasMedia)
        {
            Note("A player asked for media as datagrams, which the other node does not carry: update it and open a TCP port there, or let the player ask for them on its connection (ffmpeg: -rtsp_transport tcp).");
            return null;
        }
        if (ParseFlows(offered[Flow]) is not var (flow, count)) { return null; }
        var medium = request.Media.Find(one => one.Ports.Flow == flow) ?? Open(request, count, flow, static ports => new(ports));
        if (medium is null) { return null; }
        var own = medium.Ports.Own;
        return Place(offered, message.IsVersion2 ? ("dest_addr", own.ToAddresses()) : ("client_port", own.ToString()));
    }

    /// <inheritdoc/>
    protected override (RtspMedium Medium, RtspTransport Told)? Match(RtspTransport chosen, RtspRequest request)
    {
        var to = RtspPorts.ParseAddresses(chosen["dest_addr"]) ?? RtspPorts.Parse(chosen["client_port"]);
        // Some servers name no ports of the player's, or not both. Where only one pair was offered that is meant.
        if ((request.Media.Find(one => one.Ports.Own.Rtp == to?.Rtp) ?? request.Media.FirstOrDefault()) is not { } medium) { return null; }
        var from = RtspPorts.ParseAddresses(chosen["src_addr"]) ?? RtspPorts.Parse(chosen["server_port"]);
        var source = from?.Address ?? (IPAddress.TryParse(chosen["source"], out var named) ? named : null);
        medium.Ports.Connect(IsSource(source) ? source! : server.Address, from);
        return (medium, Place(chosen, FlowsOf(medium.Ports)));
    }

    /// <inheritdoc/>
    protected override void Localize(RtspMessage message, RtspRequest? request)
    {
        var authority = request is null ? null : RtspUrls.AuthorityOf(request.Uri);
        if (authority is not null) { Volatile.Write(ref _authority, authority); }
        if ((authority ?? Volatile.Read(ref _authority)) is { } local) { RtspUrls.Localize(message, local, _names); }
    }

    // Servers say 0.0.0.0 where they do not know, or a group.
    private bool IsSource(IPAddress? address) =>
        address is not null && address.AddressFamily == server.AddressFamily && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast)
        && !address.IsIPv6Multicast && !(address.AddressFamily is AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);
}
