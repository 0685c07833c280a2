using Coco.Crypto;

namespace Coco.Traversal.PortMapping;

/// <summary>
/// Asks the default routers to let packets in: PCP (RFC 6887), NAT-PMP (RFC 6886), UPnP IGD, whichever answers. Keeps what it got until
/// stopped, and then removes it. What it reports are candidates and no more.
/// </summary>
/// <param name="wanted">Ports to be reachable, a few.</param>
/// <param name="options">How to ask.</param>
/// <param name="random">Nonces, ports and waits.</param>
internal sealed class PortMapper(IReadOnlyList<WantedMapping> wanted, PortMapperOptions options, RandomSource random)
{
    private readonly List<RouterMapper> _routers = [];
    private readonly MapperOutput _output = new();
    private TimeSpan _stopBy = TimeSpan.MaxValue;

    /// <summary>What routers say is mapped now.</summary>
    public IReadOnlyList<PortMappingInfo> Mappings { get; private set; } = [];

    /// <summary>Grows when <see cref="Mappings"/> is another list than before, be it only for an expiry.</summary>
    public int Revision { get; private set; }

    /// <summary>Whether everything is removed, or the time for it is over.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Whether the routers have confirmed that everything is removed; the time for it may be over before.</summary>
    public bool IsRemoved => _stopBy != TimeSpan.MaxValue && _routers.TrueForAll(router => router.IsStopped);

    /// <summary>When <see cref="HandleTimeout"/> is to be called; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            if (IsStopped) { return null; }
            var deadline = _stopBy;
            foreach (var router in _routers)
            {
                if (router.Deadline < deadline) { deadline = router.Deadline; }
            }
            return deadline == TimeSpan.MaxValue ? null : deadline;
        }
    }

    /// <summary>Takes the default routers, at the start and whenever the network changes. Mappings at one that is gone are forgotten:
    /// nothing reaches it any more. Those at one that stays are asked for again, because another router may have its address.</summary>
    public void HandleGateways(IReadOnlyList<PortGateway> gateways, TimeSpan now)
    {
        if (_stopBy != TimeSpan.MaxValue) { return; }
        _routers.RemoveAll(router => !gateways.Contains(router.Gateway));
        foreach (var router in _routers) { router.HandleNetworkChange(now); }
        foreach (var gateway in gateways)
        {
            if (_routers.Count == options.MaxGateways || _routers.Exists(router => router.Gateway == gateway)) { continue; }
            var router = new RouterMapper(gateway, wanted, options, random, _output);
            _routers.Add(router);
            router.Start(now);
        }
        Review(now);
    }

    /// <summary>Takes a datagram that came to a socket of ours, or to the port where routers announce themselves.</summary>
    /// <param name="local">Our address it came to.</param>
    /// <param name="source">Who it says it is from.</param>
    /// <param name="datagram">The datagram.</param>
    /// <param name="now">Now.</param>
    public void HandleDatagram(NetworkAddress local, NetworkAddress source, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        foreach (var router in _routers)
        {
            if (router.Gateway.Local.HasSameHost(local)) { router.HandleDatagram(source, datagram, now); }
        }
        Review(now);
    }

    /// <summary>Takes the answer to a <see cref="MapperRequest"/>; status 0 when there was none.</summary>
    public void HandleResponse(int number, int status, ReadOnlySpan<byte> body, TimeSpan now)
    {
        foreach (var router in _routers)
        {
            if (router.HandleResponse(number, status, body, now)) { break; }
        }
        Review(now);
    }

    /// <summary>To be called at <see cref="Deadline"/>.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        foreach (var router in _routers) { router.HandleTimeout(now); }
        Review(now);
    }

    /// <summary>Removes all mappings; over when <see cref="IsStopped"/>.</summary>
    public void Stop(TimeSpan now)
    {
        if (_stopBy != TimeSpan.MaxValue) { return; }
        _stopBy = now + options.StopTimeout;
        foreach (var router in _routers) { router.Stop(now); }
        Review(now);
    }

    public bool TryTakeTransmit(out MapperTransmit transmit) => _output.Transmits.TryDequeue(out transmit);

    public bool TryTakeRequest(out MapperRequest? request) => _output.Requests.TryDequeue(out request);

    private void Review(TimeSpan now)
    {
        if (_stopBy != TimeSpan.MaxValue) { IsStopped |= now >= _stopBy || _routers.TrueForAll(router => router.IsStopped); }
        var mappings = new List<PortMappingInfo>();
        foreach (var router in _routers) { router.AddTo(mappings, now); }
        if (mappings.SequenceEqual(Mappings)) { return; }
        Mappings = mappings;
        Revision++;
    }
}
