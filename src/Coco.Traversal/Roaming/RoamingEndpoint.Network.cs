using System.Diagnostics.CodeAnalysis;
using Coco.Quic.Connections;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>What the host tells of its network, and what is asked of the host.</summary>
internal sealed partial class RoamingEndpoint
{
    private readonly Queue<HostCommand> _commands = new();
    private readonly Dictionary<int, Action<Link?, LinkFailure, TimeSpan>> _linkRequests = [];
    private readonly Dictionary<int, (int Count, Action<LocalSocket[], TimeSpan> Answer)> _socketRequests = [];
    private int _extraSockets; // open or asked for
    private readonly HashSet<Link> _links = []; // TCP and WebSocket, open
    private NetworkSnapshot? _network;
    private IReadOnlyList<NetworkAddress> _portMapped = [];
    private int _lastRequest;

    /// <summary>What path finders are told of this host.</summary>
    internal LocalSituation Situation { get; private set; } = new();

    internal bool HasNetwork => _network is not null;

    /// <summary>Addresses at which others may reach us directly, for our address records.</summary>
    internal IReadOnlyList<NetworkAddress> OwnAddresses { get; private set; } = [];

    /// <summary>The next thing the host has to do.</summary>
    public bool TryTakeCommand([NotNullWhen(true)] out HostCommand? command) => _commands.TryDequeue(out command);

    /// <summary>The host's sockets and addresses: at the start, and whenever they change, or the host has slept.</summary>
    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var isFirst = _network is null;
        _network = snapshot;
        HandleNetworkForNat(snapshot, now);
        UpdateSituation(isNetworkChanged: !isFirst, now);
        foreach (var node in _nodes)
        {
            if (isFirst) { node.HandleTimeout(now); }
            else { node.HandleNetworkChanged(now); }
        }
        foreach (var relay in _relays.Values.ToArray()) { relay.HandleNetworkChanged(now); }
        foreach (var connection in _connections.ToArray()) { connection.Dial(now); }
        Settle(now);
    }

    /// <summary>Outer addresses that routers have mapped to our socket now.</summary>
    public void HandlePortMappings(IReadOnlyList<NetworkAddress> external, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(external);
        _portMapped = [.. external.Where(static address => address.IsSendable)];
        UpdateSituation(isNetworkChanged: false, now);
        Settle(now);
    }

    /// <summary>A TCP or WebSocket link that we asked for is open.</summary>
    public void HandleLinkOpened(int request, in Link link, TimeSpan now)
    {
        _links.Add(link);
        if (_linkRequests.Remove(request, out var answer)) { answer(link, default, now); }
        else { CloseLink(link); }
        Settle(now);
    }

    /// <summary>Somebody has opened a TCP or WebSocket link to us.</summary>
    public void HandleLinkAccepted(in Link link, TimeSpan now) => _links.Add(link);

    /// <summary>A link that we asked for could not be opened.</summary>
    public void HandleLinkFailed(int request, LinkFailure failure, TimeSpan now)
    {
        if (_linkRequests.Remove(request, out var answer)) { answer(null, failure, now); }
        Settle(now);
    }

    /// <summary>A TCP or WebSocket link takes no more for now: connections whose packets go over it wait, with their packets unmade. Probes,
    /// which are few, and what the relay passes on, which is never kept, do not.</summary>
    public void HandleLinkFull(in Link link, TimeSpan now)
    {
        if (!_links.Contains(link)) { return; } // one that has ended would never be released
        _quic.HoldUnderlay(link.Number, now);
        _hops.HandleLinkFull(link);
    }

    /// <summary>A link that was full takes datagrams again.</summary>
    public void HandleLinkWritable(in Link link, TimeSpan now)
    {
        _quic.ReleaseUnderlay(link.Number, now);
        _hops.HandleLinkFree(link);
    }

    /// <summary>A TCP or WebSocket link has ended.</summary>
    public void HandleLinkClosed(in Link link, TimeSpan now)
    {
        _links.Remove(link);
        _quic.ForgetUnderlay(link.Number, now);
        _hops.HandleLinkFree(link);
        foreach (var relay in _relays.Values.ToArray()) { relay.HandleLinkClosed(link, now); }
        foreach (var client in _served.Values.ToArray())
        {
            if (WayOf(client.Quic.ActivePath).Link == link) { client.Quic.Close(0, "", now); }
        }
        foreach (var connection in _connections.ToArray()) { connection.HandleLinkClosed(link, now); }
        Settle(now);
    }

    /// <summary>Sockets that were asked for, fewer or none where that is all there is.</summary>
    public void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now)
    {
        if (_socketRequests.Remove(request, out var asked))
        {
            _extraSockets += sockets.Length - asked.Count;
            asked.Answer(sockets.ToArray(), now);
        }
        Settle(now);
    }

    /// <summary>The socket from which an address can be reached. False when there is none, or the address is no host's.</summary>
    internal bool TryLinkTo(in NetworkAddress address, out Link link)
    {
        link = default;
        if (!address.IsSendable) { return false; }
        foreach (var socket in _network?.Sockets ?? [])
        {
            if (!(address.IsIpv4 ? socket.IsIpv4 : socket.IsIpv6)) { continue; }
            link = new(LinkKind.Udp, socket.Number, address);
            return true;
        }
        return false;
    }

    internal void OpenTcp(in NetworkAddress remote, bool fromListeningPort, Action<Link?, LinkFailure, TimeSpan> answer, TimeSpan now)
    {
        _linkRequests.Add(++_lastRequest, answer);
        _commands.Enqueue(new HostCommand.OpenTcp(_lastRequest, remote, fromListeningPort));
    }

    internal void OpenWebSocket(string url, Action<Link?, LinkFailure, TimeSpan> answer, TimeSpan now)
    {
        _linkRequests.Add(++_lastRequest, answer);
        _commands.Enqueue(new HostCommand.OpenWebSocket(_lastRequest, url));
    }

    internal void OpenSockets(int count, bool isIpv4, Action<LocalSocket[], TimeSpan> answer, TimeSpan now)
    {
        // Many peers can ask for it at once, and a host without sockets could open no file either.
        if (_extraSockets + count > Options.MaxExtraSockets)
        {
            answer([], now);
            return;
        }
        _extraSockets += count;
        _socketRequests.Add(++_lastRequest, (count, answer));
        _commands.Enqueue(new HostCommand.OpenSockets(_lastRequest, isIpv4, count));
    }

    internal void CloseSocket(int number)
    {
        _extraSockets--;
        _commands.Enqueue(new HostCommand.CloseSocket(number));
    }

    internal void CloseLink(in Link link)
    {
        if (_links.Remove(link)) { _commands.Enqueue(new HostCommand.CloseLink(link)); }
    }

    /// <summary>Ends the TCP or WebSocket link that a connection which is over went by; its close, not yet sent, goes first. A relay's link is the
    /// relay's, whoever else's sessions go by it.</summary>
    internal void CloseLinkOf(QuicConnection quic)
    {
        var way = WayOf(quic.ActivePath);
        if (way is { IsRelayed: false, Link.IsReliable: true }) { CloseLinkOnceSent(way.Link); }
    }

    /// <summary>Ends a link when all that is to be sent now has been taken.</summary>
    internal void CloseLinkOnceSent(in Link link)
    {
        if (_links.Contains(link)) { _closing.Add(link); }
    }

    private readonly HashSet<Link> _closing = [];

    private void CloseFinishedLinks()
    {
        if (_closing.Count == 0) { return; }
        foreach (var link in _closing) { CloseLink(link); }
        _closing.Clear();
    }

    // Links of strangers are closed by the host after a while; a handshake shows that this one is none.
    private void NoteAuthenticated(QuicConnection quic)
    {
        var link = WayOf(quic.ActivePath).Link;
        if (link.IsReliable) { _commands.Enqueue(new HostCommand.KeepLink(link)); }
    }

    private void UpdateSituation(bool isNetworkChanged, TimeSpan now)
    {
        if (_network is not { } network) { return; }
        var candidates = new List<LocalCandidate>();
        // A host of containers has dozens of networks that lead nowhere: they come last, where the peer's list may be full.
        AddHostCandidates(network, hasDefaultRoute: true, candidates);
        AddNatCandidates(network, candidates);
        foreach (var address in _portMapped) { candidates.Add(new(CandidateKind.PortMapped, address)); }
        AddHostCandidates(network, hasDefaultRoute: false, candidates);
        Situation = Situation with
        {
            Sockets = network.Sockets,
            Candidates = candidates,
            KeepAlive = KeepAlive,
            IsNetworkChanged = isNetworkChanged,
        };
        OwnAddresses = [.. candidates.Where(candidate => candidate.Kind is not (CandidateKind.Tcp or CandidateKind.TcpReflexive) && IsTold(candidate)).Select(static candidate => candidate.Address).Distinct()];
        foreach (var connection in _connections.ToArray()) { connection.HandleLocal(Situation, now); }
        foreach (var relay in _relays.Values) { relay.UpdateKeepAlive(); }
        Situation = Situation with { IsNetworkChanged = false };
        foreach (var node in _nodes) { node.UpdateRecord(now); }
    }

    private bool IsTold(in LocalCandidate candidate)
    {
        var policy = Options.Finding.Policy;
        return !policy.RelayOnly && policy.Allows(candidate.Address) && policy.AllowsInterface(candidate.InterfaceName);
    }

    private void AddHostCandidates(NetworkSnapshot network, bool hasDefaultRoute, List<LocalCandidate> candidates)
    {
        var isLocal = network.Interfaces.All(static own => own.Address.IsLoopback); // all peers are on this host
        foreach (var own in network.Interfaces.Where(own => (isLocal || !own.Address.IsLoopback) && !own.Address.IsLinkLocal && own.HasDefaultRoute == hasDefaultRoute))
        {
            foreach (var socket in network.Sockets)
            {
                if (!(own.Address.IsIpv4 ? socket.IsIpv4 : socket.IsIpv6)) { continue; }
                candidates.Add(new(CandidateKind.Host, own.Address.WithPort(socket.Port), own.InterfaceName, own.PrefixLength));
            }
            if (network.TcpPort != 0 && Options.UsesTcp) { candidates.Add(new(CandidateKind.Tcp, own.Address.WithPort(network.TcpPort), own.InterfaceName)); }
        }
    }
}
