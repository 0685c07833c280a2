using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>How often quiet paths have to be used: as our NAT forgets, and seldom where there is no mapping that could be forgotten.</summary>
internal sealed partial class PathFinder
{
    /// <summary>How often the path in use has to be used. Changes with the path, and with what is known of it. The peer judges its own end, and
    /// may come to another answer: whoever asks more often keeps the path for both.</summary>
    public TimeSpan KeepAlive => Min(_active is { } active ? KeepAliveOf(active) : _own.KeepAlive, MaxKeepAlive);

    /// <summary>The longest silence in which ways are left, whatever they need.</summary>
    public TimeSpan MaxKeepAlive { get; set; } = KeepAliveLearner.Longest;

    private TimeSpan KeepAliveOf(Way way) => HasMapping(way) ? _own.KeepAlive : KeepAliveLearner.WithoutMapping;

    /// <summary>Whether something on the way forgets it after a silence, as far as we know.</summary>
    private bool HasMapping(Way way) => way.Path.Link.Kind switch
    {
        // To a relay there may be NATs on both legs, and behind a neighbour in the mesh whatever there is.
        _ when way.IsRelayed => true,
        // RFC 5382 §5, REQ-5: NATs keep a TCP connection for two hours. Where they do not, TCP's own keep-alive notices.
        LinkKind.Tcp => false,
        // Proxies forget after a minute, some sooner.
        LinkKind.WebSocket => true,
        // The peer is on our own network, and sees us as we see ourselves. Firewalls of the hosts themselves may forget all the same, some after
        // less than we would wait: a way that was dead after a silence is used as often as one with a mapping.
        _ => way.IsForgotten || !_own.IsOnOwnNetwork(way.Path.Link.Remote) || !IsOwnAddress(way.Observed),
    };

    private bool IsOwnAddress(in NetworkAddress address)
    {
        // Asked for each packet: an enumerator would be garbage.
        for (var i = 0; i < _own.Candidates.Count; i++)
        {
            var own = _own.Candidates[i];
            if (own.Kind is CandidateKind.Host && own.Address == address) { return true; }
        }
        // These are not told to anybody where there are others, and no NAT gives them to what it passes on.
        return (address.IsLoopback || address.IsLinkLocal) && IsOwnPort(address.Port);
    }

    private bool IsOwnPort(int port)
    {
        for (var i = 0; i < _own.Sockets.Count; i++)
        {
            if (_own.Sockets[i].Port == port) { return true; }
        }
        return false;
    }
}
