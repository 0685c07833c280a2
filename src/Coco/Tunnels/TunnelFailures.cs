using System.Net.Sockets;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Tunnels;

/// <summary>What can go wrong in a tunnel, and what to do.</summary>
internal static class TunnelFailures
{
    /// <summary>Why a peer's service could not be used.</summary>
    public static CocoException Of(TransportException exception, NodeId peer, string service) => (WireError?)exception.ApplicationCode switch
    {
        WireError.Denied => new(CocoError.Denied, $"{peer} does not let this node use its service {service}. An admin can allow it in the network's policy, or who published it in its access list.", exception),
        WireError.NotOffered => NotOffered(peer, service, exception),
        WireError.TargetUnavailable => new(CocoError.TargetUnavailable, $"{peer} offers {service}, and what stands behind it does not answer. Check that it runs there.", exception),
        WireError.TooMany => new(CocoError.Overloaded, $"{peer} serves no more connections of {service} at once. Close some, or try again later.", exception),
        WireError.TunnelReset => new(CocoError.ConnectionClosed, $"What stands behind {service} at {peer} reset the connection. Connect again.", exception),
        WireError.UnknownStreamKind => new(CocoError.NotOffered, $"{peer} runs a version without tunnels. Update it.", exception),
        _ => Failures.Of(exception),
    };

    public static CocoException NotOffered(NodeId peer, string service, Exception? cause = null) =>
        new(CocoError.NotOffered, $"{peer} offers no {service} of this kind. {nameof(NodeTunnels.ListAsync)} tells what it offers; or publish it there.", cause);

    public static CocoException Silent(NodeId peer, string service) =>
        new(CocoError.Unreachable, $"{peer} did not answer in time for its service {service}. It may be off: try again later.");

    /// <summary>Why a local end could not be opened.</summary>
    public static CocoException OfLocal(TunnelEnd end, SocketException exception) => new(
        CocoError.AddressUnavailable,
        exception.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => $"{end} is in use by another program. Choose another, or port 0 for any that is free.",
            SocketError.AccessDenied => $"The system does not let this program listen at {end}. Choose a port from 1024 on, or a folder that may be written to.",
            _ => $"The system does not let this program listen at {end}: {exception.Message} Choose another.",
        },
        exception);

    public static CocoException Target(TunnelEnd target, string cause) =>
        new(CocoError.TargetUnavailable, $"{target} does not answer: {cause.TrimEnd('.')}. Check that it runs.");

    public static CocoException Refused(string why) => new(CocoError.Denied, why);
}
