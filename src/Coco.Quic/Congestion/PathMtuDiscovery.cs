namespace Coco.Quic.Congestion;

/// <summary>
/// Finds how large a datagram one path carries (DPLPMTUD, RFC 8899 and RFC 9000 §14.3). Sizes are UDP payloads. First it climbs a
/// table of sizes in common use, then it halves the interval in which a probe failed. A mutable struct that lives as a field
/// of its path.
/// </summary>
internal struct PathMtuDiscovery
{
    /// <summary>BASE_PLPMTU (RFC 9000 §14.3).</summary>
    public const int Base = 1200;

    private const int MaxProbes = 3; // MAX_PROBES, RFC 8899 §5.1.2
    private const long RaiseTimer = 600 * TimeSpan.TicksPerSecond; // PMTU_RAISE_TIMER, §5.1.1
    private const long NoDeadline = long.MaxValue;

    // Chosen: below 16 bytes, or a 64th, another probe costs more than it will ever save.
    private const int Granularity = 16;
    private const int GranularityShift = 6;

    // Chosen: how many ACKs in a row may report large packets lost and none arrived, and how many timeouts may pass, before
    // the path is taken for a black hole (RFC 8899 §4.3). Congestion that drops every large packet of three flights is as rare.
    private const int BlackHoleSignals = 3;

    private ushort _limit;
    private ushort _ceiling; // the least size known to fail, or the limit + 1
    private ushort _probe; // in flight, 0 when none is
    private byte _probesLost; // of the size being tried
    private byte _blackHoleSignals;
    private long _lastSignal;

    /// <summary>Discovery for a path that fragments or drops nothing larger than it says it does, below <paramref name="limit"/>.</summary>
    public static PathMtuDiscovery ForDatagrams(int limit) => new()
    {
        _limit = Clip(limit),
        _ceiling = (ushort)(Clip(limit) + 1),
        _lastSignal = long.MinValue,
        Current = Base,
        State = PathMtuState.Base,
        Deadline = NoDeadline,
    };

    /// <summary>A reliable underlay carries its limit, whole, always: there is nothing to discover.</summary>
    public static PathMtuDiscovery ForReliable(int limit) => new()
    {
        _limit = Clip(limit),
        Current = Clip(limit),
        State = PathMtuState.Disabled,
        Deadline = NoDeadline,
    };

    /// <summary>The largest datagram to send now.</summary>
    public ushort Current { get; private set; }

    public PathMtuState State { get; private set; }

    /// <summary>When <see cref="TryGetProbe"/> wants to be asked again, though nothing else happens.</summary>
    public long Deadline { get; private set; }

    /// <summary>The handshake or path validation showed that the path carries 1200 bytes: the search may begin.</summary>
    public void OnBaseConfirmed()
    {
        if (State == PathMtuState.Base && Deadline == NoDeadline)
        {
            Search();
        }
    }

    /// <summary>
    /// Lowers or raises what the path may carry: the host's MTU, and the peer's max_udp_payload_size, which reaches us in the
    /// handshake.
    /// </summary>
    public void SetLimit(int limit)
    {
        var isRaised = limit > _limit;
        _limit = Clip(limit);
        if (State == PathMtuState.Disabled)
        {
            Current = _limit;
            return;
        }

        Current = Math.Min(Current, _limit);
        _ceiling = isRaised ? (ushort)(_limit + 1) : (ushort)Math.Min(_ceiling, _limit + 1);
        if (isRaised && State == PathMtuState.SearchComplete)
        {
            Search();
        }
    }

    /// <summary>The size of a probe to send now: PING and PADDING in a packet of its own. At most one is in flight.</summary>
    public bool TryGetProbe(long now, out int size)
    {
        size = 0;
        if (now >= Deadline)
        {
            _ceiling = (ushort)(_limit + 1);
            Search();
        }

        if (State != PathMtuState.Searching || _probe != 0)
        {
            return false;
        }

        size = NextSize();
        if (size == 0)
        {
            State = PathMtuState.SearchComplete;
            // At the limit there is nothing to raise.
            Deadline = Current == _limit ? NoDeadline : now + RaiseTimer;
            return false;
        }

        _probe = (ushort)size;
        return true;
    }

    public void OnProbeAcked(int size)
    {
        if (size != _probe || State != PathMtuState.Searching)
        {
            return; // of a search since abandoned
        }

        Current = (ushort)Math.Max(Current, Math.Min(size, _limit));
        _probe = 0;
        _probesLost = 0;
        _blackHoleSignals = 0;
    }

    /// <summary>A probe was lost. That is no sign of congestion (RFC 9000 §14.4).</summary>
    public void OnProbeLost(int size)
    {
        if (size != _probe || State != PathMtuState.Searching)
        {
            return;
        }

        _probe = 0;
        if (++_probesLost == MaxProbes)
        {
            _probesLost = 0;
            _ceiling = Math.Min(_ceiling, (ushort)size);
        }
    }

    /// <summary>A packet other than a probe was acknowledged.</summary>
    public void OnPacketAcked(int size)
    {
        if (size > Base)
        {
            _blackHoleSignals = 0;
        }
    }

    /// <summary>
    /// A packet other than a probe was declared lost, which takes a later one to have arrived. To be called after
    /// <see cref="OnPacketAcked"/> for the same ACK. True when the path became a black hole and <see cref="Current"/> fell.
    /// </summary>
    public bool OnPacketLost(int size, long now)
    {
        if (size <= Base || size > Current || now == _lastSignal)
        {
            return false; // one ACK that reports many losses is one signal
        }

        _lastSignal = now;
        return Signal(now);
    }

    /// <summary>
    /// A probe timeout with packets above 1200 bytes in flight. In a black hole only such packets are sent, so no ACK may ever
    /// come. True when <see cref="Current"/> fell.
    /// </summary>
    public bool OnProbeTimeout(long now) => Signal(now);

    private bool Signal(long now)
    {
        if (State == PathMtuState.Disabled || Current <= Base || ++_blackHoleSignals < BlackHoleSignals)
        {
            return false;
        }

        Current = (ushort)Math.Min((int)_limit, Base);
        State = PathMtuState.Base;
        Deadline = now + RaiseTimer;
        _probe = 0;
        _blackHoleSignals = 0;
        return true;
    }

    private void Search()
    {
        State = PathMtuState.Searching;
        Deadline = NoDeadline;
        _probe = 0;
        _probesLost = 0;
    }

    private readonly int NextSize()
    {
        if (_ceiling > _limit && Current < _limit)
        {
            return NextCommonSize();
        }

        var gap = _ceiling - Current;
        if (gap <= 1 || gap <= Math.Max(Granularity, Current >> GranularityShift))
        {
            return 0;
        }

        // A common size within the interval is a likelier end of it than its middle.
        var common = NextCommonSize();
        return common < _ceiling ? common : Current + gap / 2;
    }

    private readonly int NextCommonSize()
    {
        foreach (var size in CommonSizes)
        {
            if (size > Current)
            {
                return Math.Min((int)size, _limit);
            }
        }

        return _limit;
    }

    /// <summary>
    /// An MTU less the 28 or 48 bytes of IPv4 or IPv6 and UDP: 1280 (IPv6's least, tunnels), 1420 (WireGuard), 1500, with
    /// which a search ends after 1472, a page, 8896 and 9000 (clouds, jumbo frames), and loopback's 64 KiB.
    /// </summary>
    private static ReadOnlySpan<ushort> CommonSizes =>
        [1252, 1392, 1452, 1472, 1488, 4048, 8848, 8952, 8972, 9100, 16336, 32720, 65487, 65507];

    private static ushort Clip(int limit) => (ushort)Math.Clamp(limit, Base, 65527);
}
