using Coco.Crypto;
using Coco.Traversal.PortMapping.NatPmp;
using Coco.Traversal.PortMapping.Pcp;
using Coco.Traversal.PortMapping.Upnp;

namespace Coco.Traversal.PortMapping;

/// <summary>
/// All protocols with one router: they start one after the other with a small head start each, the first that gets a mapping is kept,
/// and all begin again when it fails.
/// </summary>
internal sealed class RouterMapper(
    PortGateway gateway, IReadOnlyList<WantedMapping> wanted, PortMapperOptions options, RandomSource random, MapperOutput output)
{
    // Chosen: past sessions whose leftovers are removed at stop. More come only from a router that fails again and again.
    private const int MaxRetired = 4;

    // Chosen: a session that worked for less is a failure like one that never did.
    private static readonly TimeSpan MinWorkingTime = TimeSpan.FromMinutes(1);

    private readonly (WantedMapping Mapping, MappingNonce Nonce)[] _nonces = [.. wanted.Select(one => (one, MappingNonce.Draw(random)))];
    private readonly List<MappingSession> _sessions = []; // of this round, in the order of the options
    private readonly List<MappingSession> _retired = [];
    private MappingSession? _chosen;
    private TimeSpan _chosenAt;
    private TimeSpan _nextStart = TimeSpan.MaxValue;
    private TimeSpan _nextRound = TimeSpan.MaxValue;
    private TimeSpan _delay = options.RetryDelay;
    private bool _isStopping;

    public PortGateway Gateway { get; } = gateway;

    public bool IsStopped => _isStopping && _sessions.Concat(_retired).All(session => session.IsStopped);

    public TimeSpan Deadline
    {
        get
        {
            var deadline = _nextStart < _nextRound ? _nextStart : _nextRound;
            foreach (var session in _sessions.Concat(_retired))
            {
                if (session.Deadline < deadline) { deadline = session.Deadline; }
            }
            return deadline;
        }
    }

    public void Start(TimeSpan now)
    {
        _nextRound = TimeSpan.MaxValue;
        _nextStart = now;
        Advance(now);
    }

    /// <summary>The network has changed and this router is still there, or one with its address.</summary>
    public void HandleNetworkChange(TimeSpan now)
    {
        if (_nextRound != TimeSpan.MaxValue)
        {
            _delay = options.RetryDelay;
            Start(now);
            return;
        }
        _chosen?.Doubt(now);
        Advance(now);
    }

    public void HandleDatagram(in NetworkAddress source, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (datagram.IsEmpty) { return; }
        if (source.Port == PcpRequest.ServerPort && source.HasSameHost(Gateway.Router))
        {
            foreach (var session in _sessions.Concat(_retired)) { HandleServer(session, datagram, now); }
            if (AnnouncedIn(datagram) is { } protocol && protocol != _chosen?.Protocol) { _chosen?.HandleHint(now); }
        }
        else
        {
            foreach (var session in _sessions.OfType<UpnpSession>()) { session.HandleSearchResponse(datagram, source, now); }
        }
        Advance(now);
    }

    /// <summary>Takes an answer to an HTTP request. False when it was not asked here.</summary>
    public bool HandleResponse(int number, int status, ReadOnlySpan<byte> body, TimeSpan now)
    {
        var isOurs = false;
        foreach (var session in _sessions.Concat(_retired).OfType<UpnpSession>()) { isOurs |= session.HandleResponse(number, status, body, now); }
        if (isOurs) { Advance(now); }
        return isOurs;
    }

    public void HandleTimeout(TimeSpan now)
    {
        foreach (var session in _sessions.Concat(_retired)) { session.HandleTimeout(now); }
        if (now >= _nextRound && !_isStopping) { Start(now); }
        else { Advance(now); }
    }

    public void Stop(TimeSpan now)
    {
        _isStopping = true;
        (_nextStart, _nextRound) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        foreach (var session in _sessions.Concat(_retired)) { session.Stop(now); }
    }

    public void AddTo(List<PortMappingInfo> mappings, TimeSpan now)
    {
        if (_chosen is null || _isStopping) { return; }
        foreach (var entry in _chosen.Entries)
        {
            var external = _chosen.ExternalOf(entry);
            if (!entry.IsAlive(now) || !external.IsSendable) { continue; }
            mappings.Add(new(
                _chosen.Protocol, entry.Wanted.Transport, external, entry.Wanted.InternalPort, Gateway.Router, entry.Expiry, ExternalAddress.IsSuspicious(external)));
        }
    }

    private static void HandleServer(MappingSession session, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        var isNatPmp = datagram[0] == NatPmpRequest.Version;
        if (session is NatPmpSession natPmp && isNatPmp) { natPmp.HandleDatagram(datagram, now); }
        if (session is not PcpSession pcp) { return; }
        if (!isNatPmp) { pcp.HandleDatagram(datagram, now); }
        else if (NatPmpResponse.TryParse(datagram, out var response) && response.Result is NatPmpResult.UnsupportedVersion) { pcp.HandleUnsupportedVersion(); }
    }

    // What a router announces in one protocol (RFC 6886 §3.2.1, RFC 6887 §14.1) is true of the others: it has restarted.
    private static PortMappingProtocol? AnnouncedIn(ReadOnlySpan<byte> datagram) =>
        PcpResponse.TryParse(datagram, out var pcp) && pcp is { Version: PcpRequest.Version, Opcode: PcpOpcode.Announce } ? PortMappingProtocol.Pcp
        : NatPmpResponse.TryParse(datagram, out var natPmp) && natPmp.Opcode == NatPmpRequest.AddressOpcode ? PortMappingProtocol.NatPmp
        : null;

    private void Advance(TimeSpan now)
    {
        if (_isStopping) { return; }
        if (_chosen is { State: SessionState.Failed })
        {
            HandleLost(now);
            return;
        }
        if (_chosen is not null || _nextRound != TimeSpan.MaxValue) { return; }
        Choose(now);
        while (_chosen is null && _sessions.Count < options.Protocols.Count
            && (now >= _nextStart || _sessions.TrueForAll(session => session.State is SessionState.Failed)))
        {
            StartNext(now);
            Choose(now);
        }
        if (_chosen is null && _sessions.TrueForAll(session => session.State is SessionState.Failed)) { EndRound(now); }
    }

    private void Choose(TimeSpan now)
    {
        _chosen = _sessions.Find(session => session.State is SessionState.Working);
        if (_chosen is null) { return; }
        (_chosenAt, _nextStart) = (now, TimeSpan.MaxValue);
        foreach (var session in _sessions)
        {
            if (session != _chosen) { session.Suspend(); }
        }
    }

    private void StartNext(TimeSpan now)
    {
        var protocol = options.Protocols[_sessions.Count];
        // RFC 6886 and the UPnP services know IPv4 only.
        MappingSession session = protocol switch
        {
            PortMappingProtocol.NatPmp => new NatPmpSession(Gateway, IfIpv4(), options, random, output),
            PortMappingProtocol.Upnp => new UpnpSession(Gateway, IfIpv4(), options, random, output),
            _ => new PcpSession(Gateway, _nonces, options, random, output),
        };
        _sessions.Add(session);
        _nextStart = _sessions.Count == options.Protocols.Count ? TimeSpan.MaxValue : now + options.Stagger;
        if (session.Entries.Count > 0) { session.Start(now); }
        else { session.Skip(); }
    }

    private IReadOnlyList<WantedMapping> IfIpv4() => Gateway.Local.IsIpv4 ? wanted : [];

    private void HandleLost(TimeSpan now)
    {
        var hasWorked = now - _chosenAt >= MinWorkingTime;
        _chosen = null;
        if (!hasWorked)
        {
            EndRound(now);
            return;
        }
        _delay = options.RetryDelay;
        Retire();
        Start(now);
    }

    private void EndRound(TimeSpan now)
    {
        Retire();
        _nextStart = TimeSpan.MaxValue;
        _nextRound = now + _delay;
        _delay = 2 * _delay < options.MaxRetryDelay ? 2 * _delay : options.MaxRetryDelay;
    }

    private void Retire()
    {
        foreach (var session in _sessions)
        {
            session.Suspend();
            if (session.HasLeftovers) { _retired.Add(session); }
        }
        _sessions.Clear();
        if (_retired.Count > MaxRetired) { _retired.RemoveRange(0, _retired.Count - MaxRetired); }
    }
}
