using System.Net;
using Coco.Crypto;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Transport;

/// <summary>What a caller knows of where a node is. All of it is tried, and none of it is trusted: the handshake proves who answers.</summary>
public sealed record ConnectHints
{
    /// <summary>Addresses at which the node may be reached, the likeliest first.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; init; } = [];

    /// <summary>Where the node itself takes WebSockets, <c>wss://…</c>, as control planes do; null for nowhere.</summary>
    internal string? Url { get; init; }

    /// <summary>Relays through which the node may be reached.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    /// <summary>The node's address record, where one was found.</summary>
    public AddressRecord? Record { get; init; }

    /// <summary>Whether to go through other members of the mesh as well, as <see cref="TransportOptions.HopRouter"/> says. The connection becomes
    /// direct where that is possible, and comes back to the mesh when all other ways have died. Default false.</summary>
    public bool ViaMesh { get; init; }

    /// <summary>As which of the endpoint's identities to call; <see cref="Endpoint.Id"/> when null.</summary>
    public NodeId? CallAs { get; init; }

    /// <summary>Time the call may take; <see cref="TransportOptions.ConnectTimeout"/> when null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Hints of one address.</summary>
    public static ConnectHints At(IPEndPoint address) => new() { Addresses = [address] };
}
