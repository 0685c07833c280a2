using Coco.Crypto;

namespace Coco.Traversal.PortMapping.NatPmp;

/// <summary>A NAT-PMP client and one router (RFC 6886 §3): first the outer address, which shows that the router speaks it, then mappings.</summary>
internal sealed class NatPmpSession(PortGateway gateway, IReadOnlyList<WantedMapping> wanted, PortMapperOptions options, RandomSource random, MapperOutput output)
    : DatagramSession(gateway, EntriesFor(wanted), options, random, output)
{
    // §3.1: from 250 ms, doubled, nine times.
    private static readonly TimeSpan InitialInterval = TimeSpan.FromMilliseconds(250);
    private const int MaxSent = 9;

    private NatPmpEpoch _epoch;
    private NetworkAddress _external;
    private TimeSpan _nextAddressRequest = TimeSpan.MaxValue;
    private TimeSpan _interval;
    private int _sent;

    public override PortMappingProtocol Protocol => PortMappingProtocol.NatPmp;

    public override TimeSpan Deadline => !IsStopping && !IsSuspended && _nextAddressRequest < base.Deadline ? _nextAddressRequest : base.Deadline;

    public override NetworkAddress ExternalOf(MappingEntry entry) => _external.WithPort(entry.ExternalPort);

    public override void Start(TimeSpan now)
    {
        _nextAddressRequest = now;
        HandleTimeout(now);
    }

    public override void HandleTimeout(TimeSpan now)
    {
        base.HandleTimeout(now);
        if (IsStopping || IsSuspended || now < _nextAddressRequest) { return; }
        if (NextInterval(_sent, _interval) is not { } interval)
        {
            Fail();
            return;
        }
        Send(CheckMessage());
        (_sent, _interval, _nextAddressRequest) = (_sent + 1, interval, now + interval);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (!NatPmpResponse.TryParse(datagram, out var response)) { return; }
        if (response.Opcode == NatPmpRequest.AddressOpcode) { HandleAddress(response, now); }
        else if (response.Opcode is NatPmpRequest.UdpOpcode or NatPmpRequest.TcpOpcode) { HandleMap(response, now); }
        else { return; }
        // §3.6. Whatever comes from a router that has restarted says so, the announcements of §3.2.1 too.
        if (HasAnswered && !_epoch.Observe(response.Epoch, now)) { HandleReset(now, TimeSpan.Zero); }
    }

    protected override byte[] MapMessage(MappingEntry entry, uint lifetime) =>
        NatPmpRequest.Map(entry.Wanted.Transport, entry.Wanted.InternalPort, lifetime == 0 ? 0 : entry.ExternalPort, lifetime);

    protected override byte[] CheckMessage() => NatPmpRequest.Address();

    protected override TimeSpan? NextInterval(int sent, TimeSpan last) => sent == MaxSent ? null : sent == 0 ? InitialInterval : 2 * last;

    private void HandleAddress(in NatPmpResponse response, TimeSpan now)
    {
        if (response.Result is not NatPmpResult.Success)
        {
            if (!HasAnswered) { Fail(); }
            return;
        }
        _external = response.Address;
        if (HasAnswered) { return; }
        HasAnswered = true;
        _nextAddressRequest = TimeSpan.MaxValue;
        if (!IsStopping && !IsSuspended) { AskAll(now); }
    }

    private void HandleMap(in NatPmpResponse response, TimeSpan now)
    {
        foreach (var entry in Entries)
        {
            if (!entry.WasAsked || NatPmpRequest.OpcodeOf(entry.Wanted.Transport) != response.Opcode) { continue; }
            var isNamed = entry.Wanted.InternalPort == response.InternalPort;
            if (response.Result is not NatPmpResult.Success)
            {
                if (isNamed || response.InternalPort == 0) { HandleRefusal(entry, TimeSpan.Zero, now); }
            }
            else if (isNamed && entry.Phase is EntryPhase.Removing)
            {
                if (response.Lifetime == 0) { entry.Begin(EntryPhase.Gone, TimeSpan.MaxValue); }
            }
            else if (isNamed)
            {
                HandleGrant(entry, response.ExternalPort, response.Lifetime, now);
            }
        }
    }

    private void Fail()
    {
        _nextAddressRequest = TimeSpan.MaxValue;
        State = SessionState.Failed;
    }
}
