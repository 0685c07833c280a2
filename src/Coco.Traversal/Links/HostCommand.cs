namespace Coco.Traversal.Links;

/// <summary>What a core asks of its host. Requests with a number are answered under that number, once.</summary>
public abstract record HostCommand
{
    private HostCommand()
    {
    }

    /// <summary>Open a TCP connection for datagrams. Answer: <c>HandleLinkOpened</c> or <c>HandleLinkFailed</c>.</summary>
    /// <param name="Request">The number to answer under.</param>
    /// <param name="Remote">Where to.</param>
    /// <param name="FromListeningPort">Connect from the port on which we listen, so that a peer that does the same meets us half-way
    /// (simultaneous open, RFC 9293 §3.5).</param>
    public sealed record OpenTcp(int Request, NetworkAddress Remote, bool FromListeningPort) : HostCommand;

    /// <summary>Open a WebSocket over TLS to a relay. Answer as for <see cref="OpenTcp"/>.</summary>
    /// <param name="Request">The number to answer under.</param>
    /// <param name="Url">The relay's <c>wss:</c> address.</param>
    public sealed record OpenWebSocket(int Request, string Url) : HostCommand;

    /// <summary>Open UDP sockets on ports the system chooses. Answer: <c>HandleSocketsOpened</c>, with fewer or none if that is all there is.</summary>
    /// <param name="Request">The number to answer under.</param>
    /// <param name="IsIpv4">For which family.</param>
    /// <param name="Count">How many, from 1 to 256.</param>
    public sealed record OpenSockets(int Request, bool IsIpv4, int Count) : HostCommand;

    /// <summary>Close a UDP socket that was opened by <see cref="OpenSockets"/>.</summary>
    /// <param name="Number">The host's number of it.</param>
    public sealed record CloseSocket(int Number) : HostCommand;

    /// <summary>A TCP or WebSocket link that somebody opened to us is no stranger's: it may stay.</summary>
    /// <param name="Link">Which.</param>
    public sealed record KeepLink(Link Link) : HostCommand;

    /// <summary>Close a TCP or WebSocket link once what was handed to it has been sent.</summary>
    /// <param name="Link">Which.</param>
    public sealed record CloseLink(Link Link) : HostCommand;
}
