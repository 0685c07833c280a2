using System.Net;

namespace Coco.Tunnels.Rtsp;

/// <summary>The end beside the player: it is where the player's media come from, and sends nothing but to the player's address.</summary>
/// <param name="opener">Opens ports.</param>
/// <param name="player">The player's address.</param>
/// <param name="local">The address that it has connected to.</param>
/// <param name="note">Told what goes wrong.</param>
internal sealed class RtspUsingRelay(IMediaOpener opener, IPAddress player, IPAddress local, Action<string> note) : RtspRelay(opener, note)
{
    /// <inheritdoc/>
    protected override RtspTransport? Map(RtspTransport offered, RtspMessage message, RtspRequest request)
    {
        var hasAddresses = offered.Has("dest_addr");
        if ((hasAddresses ? RtspPorts.ParseAddresses(offered["dest_addr"]) : RtspPorts.Parse(offered["client_port"])) is not { } asked) { return null; }
        // RFC 2326 §12.39, RFC 7826 §21.2.1: who may name others could have them flooded.
        if (IsElsewhere(offered["destination"]) || IsElsewhere(asked.Host))
        {
            request.WantsOthers = true;
            return null;
        }
        var medium = request.Media.Find(one => one.Asked == asked && one.HasAddresses == hasAddresses) ?? Open(request, asked.Count, null, ports =>
        {
            ports.Connect(player, asked);
            return new(ports, asked, hasAddresses);
        });
        return medium is null ? null : Place(offered, FlowsOf(medium.Ports));
    }

    /// <inheritdoc/>
    protected override (RtspMedium Medium, RtspTransport Told)? Match(RtspTransport chosen, RtspRequest request)
    {
        if (ParseFlows(chosen[Flow]) is not var (flow, _) || request.Media.Find(one => one.Ports.Flow == flow) is not { } medium) { return null; }
        var own = medium.Ports.Own;
        if (medium.HasAddresses)
        {
            var to = medium.Asked with { Host = player.ToString() };
            return (medium, Place(chosen, ("dest_addr", to.ToAddresses()), ("src_addr", (own with { Host = local.ToString() }).ToAddresses())));
        }
        // What an IPv6 address looks like there RFC 2326 does not say; it is the one that the player is connected to in any case.
        return (medium, local.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork
            ? Place(chosen, ("source", local.ToString()), ("client_port", medium.Asked.ToString()), ("server_port", own.ToString()))
            : Place(chosen, ("client_port", medium.Asked.ToString()), ("server_port", own.ToString())));
    }

    private bool IsElsewhere(string? host) => !string.IsNullOrEmpty(host) && !(IPAddress.TryParse(host.Trim('[', ']'), out var address) && address.Equals(player));
}
