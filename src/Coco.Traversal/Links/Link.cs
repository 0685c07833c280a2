namespace Coco.Traversal.Links;

/// <summary>Where a datagram comes from or goes to, as the host knows it: a socket of ours and a remote address.</summary>
/// <param name="Kind">What lies below.</param>
/// <param name="Number">The host's number: of the UDP socket, or of the TCP or WebSocket connection. Never used again for another.</param>
/// <param name="Remote">The address at the other end.</param>
public readonly record struct Link(LinkKind Kind, int Number, NetworkAddress Remote)
{
    /// <summary>Whether datagrams arrive in order and without loss while the link lives.</summary>
    public bool IsReliable => Kind is LinkKind.Tcp or LinkKind.WebSocket;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}#{Number}→{Remote}";
}
