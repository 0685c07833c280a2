using Coco.Crypto;

namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>A PCP client and one server (RFC 6887 §8, §11).</summary>
/// <param name="gateway">The server.</param>
/// <param name="wanted">Ports with their nonces, which stay the same for a server: it refuses a mapping it has under another (§11.3).</param>
/// <param name="options">How to ask.</param>
/// <param name="random">Spreads clients.</param>
/// <param name="output">For the host.</param>
internal sealed class PcpSession(
    PortGateway gateway, IEnumerable<(WantedMapping Mapping, MappingNonce Nonce)> wanted, PortMapperOptions options, RandomSource random, MapperOutput output)
    : DatagramSession(gateway, [.. wanted.Select(one => new MappingEntry(one.Mapping) { Nonce = one.Nonce })], options, random, output)
{
    // §8.1.1: IRT and MRT.
    private static readonly TimeSpan InitialInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(1024);

    // §8.1.1 repeats for ever (MRC 0). We pause after so many and begin again with the other protocols, at intervals up to MRT.
    private const int MaxSent = 4;

    // §14.1.3: the random wait after an announcement.
    private static readonly TimeSpan MaxAnnouncementDelay = TimeSpan.FromSeconds(5);

    private PcpEpoch _epoch;

    public override PortMappingProtocol Protocol => PortMappingProtocol.Pcp;

    public override void Start(TimeSpan now) => AskAll(now);

    public override NetworkAddress ExternalOf(MappingEntry entry) => entry.ExternalHost.WithPort(entry.ExternalPort);

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (!PcpResponse.TryParse(datagram, out var response)) { return; }
        if (response.Result is PcpResult.UnsupportedVersion || response.Version != PcpRequest.Version)
        {
            HandleUnsupportedVersion();
            return;
        }
        switch (response)
        {
            case { Opcode: PcpOpcode.Map, Map: { } map }: HandleMap(response, map, now); break;
            case { Opcode: PcpOpcode.Announce, Result: PcpResult.Success } when HasAnswered: HandleAnnounce(response.Epoch, now); break;
        }
    }

    /// <summary>A NAT-PMP router said that it does not know our version (RFC 6887 appendix A).</summary>
    public void HandleUnsupportedVersion()
    {
        // Once it has spoken PCP, only a forger says it cannot.
        if (!HasAnswered && !IsStopping) { State = SessionState.Failed; }
    }

    protected override byte[] MapMessage(MappingEntry entry, uint lifetime)
    {
        var none = Gateway.Local.IsIpv4 ? NetworkAddress.FromIpv4(0, 0) : NetworkAddress.FromIpv6(new byte[16], 0);
        var host = entry.ExternalHost.IsUnspecified ? none : entry.ExternalHost;
        // §15: a removal names no external address or port.
        var suggested = lifetime == 0 ? none : host.WithPort(entry.ExternalPort);
        return PcpRequest.Map(Gateway.Local, lifetime, new(entry.Nonce, entry.Wanted.Transport, entry.Wanted.InternalPort, suggested));
    }

    protected override byte[] CheckMessage() => PcpRequest.Announce(Gateway.Local);

    protected override TimeSpan? NextInterval(int sent, TimeSpan last)
    {
        if (sent == MaxSent) { return null; }
        var interval = sent == 0 ? InitialInterval : 2 * last < MaxInterval ? 2 * last : MaxInterval;
        return interval * (0.9 + (0.2 * DrawFraction())); // §8.1.1: RAND is from -0.1 to +0.1
    }

    private void HandleMap(in PcpResponse response, PcpMap map, TimeSpan now)
    {
        // §11.4: protocol, internal port and nonce must be those of a request.
        var entry = Entries.FirstOrDefault(one =>
            one.WasAsked && one.Nonce == map.Nonce && one.Wanted == new WantedMapping(map.Transport, map.InternalPort));
        if (entry is null) { return; }

        HasAnswered = true;
        if (response.Result is PcpResult.Success && entry.Phase is EntryPhase.Removing)
        {
            if (response.Lifetime == 0) { entry.Begin(EntryPhase.Gone, TimeSpan.MaxValue); }
        }
        else if (response.Result is PcpResult.Success)
        {
            entry.ExternalHost = map.External.WithPort(0);
            HandleGrant(entry, map.External.Port, response.Lifetime, now);
        }
        else
        {
            HandleRefusal(entry, TimeSpan.FromSeconds(response.Lifetime), now);
        }
        if (!_epoch.Observe(response.Epoch, now)) { HandleReset(now, TimeSpan.Zero); }
    }

    private void HandleAnnounce(uint epoch, TimeSpan now)
    {
        if (!_epoch.Observe(epoch, now)) { HandleReset(now, MaxAnnouncementDelay * DrawFraction()); }
    }
}
