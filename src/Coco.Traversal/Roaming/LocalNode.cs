using Coco.Crypto;
using Coco.Traversal.Finding;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>One of this endpoint's identities: its home relays and the record by which it can be found.</summary>
internal sealed class LocalNode(RoamingEndpoint endpoint, IdentityKey identity, IReadOnlyList<RelayInfo> relays, RelayHomes homes, ulong firstSequence) : Timed
{
    private static readonly TimeSpan RecordLifetime = TimeSpan.FromDays(7);

    private ulong _sequence = firstSequence;
    private IReadOnlyList<RelayInfo> _recordRelays = [];
    private IReadOnlyList<NetworkAddress> _recordAddresses = [];
    private bool _isRemoved; // what its relays and connections still tell has no consequences any more, and the key may be wiped

    public IdentityKey Identity => identity;

    public NodeId Id => identity.Id;

    /// <summary>The relays of which some are its homes.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; private set; } = relays;

    /// <summary>What we say of where we are; null before anything is known.</summary>
    public AddressRecord? Record { get; private set; }

    public RelayHomes Homes => homes;

    /// <summary>The longest silence that its connections to peers are left in, whatever is learnt of the NAT.</summary>
    public TimeSpan MaxKeepAlive { get; init; } = KeepAliveLearner.Longest;

    public override TimeSpan Deadline => homes.Deadline ?? TimeSpan.MaxValue;

    public override void HandleTimeout(TimeSpan now)
    {
        homes.HandleTimeout(now);
        Pump(now);
    }

    /// <summary>The identity is this endpoint's no more.</summary>
    public void HandleRemoved() => _isRemoved = true;

    /// <summary>Others are its relays now. One that it does not have any more is closed, unless connections have sessions there.</summary>
    public void SetRelays(IReadOnlyList<RelayInfo> relays, TimeSpan now)
    {
        var gone = Relays.Where(old => relays.All(relay => relay.Id != old.Id)).ToArray();
        Relays = relays;
        foreach (var relay in relays) { endpoint.FindRelay(this, relay.Id)?.Relocate(relay); }
        homes.SetRelays(relays, now);
        Pump(now);
        foreach (var relay in gone) { endpoint.FindRelay(this, relay.Id)?.Leave(now); }
        if (endpoint.HasNetwork) { UpdateRecord(now); }
    }

    public void HandleNetworkChanged(TimeSpan now)
    {
        homes.HandleNetworkChanged(now);
        Pump(now);
    }

    public void HandleRelayUp(RelayLink relay, TimeSpan now)
    {
        homes.HandleConnected(relay.Info.Id);
        Pump(now);
    }

    public void HandleRelayDown(RelayLink relay, TimeSpan now)
    {
        relay.ReleaseAsHome(now);
        homes.HandleFailed(relay.Info.Id, now);
        Pump(now);
        UpdateRecord(now);
    }

    public void HandleRegistered(RelayLink relay, RelayClientEvent.Registered registered, TimeSpan now)
    {
        homes.HandleRegistered(relay.Info.Id, now);
        Pump(now);
        UpdateRecord(now);
    }

    public void HandleRegistrationRefused(RelayLink relay, RelayRefusal reason, TimeSpan now)
    {
        homes.HandleRefused(relay.Info.Id, reason, now);
        Pump(now);
    }

    public void HandleDraining(RelayLink relay, TimeSpan deadline, IReadOnlyList<RelayInfo> others, TimeSpan now)
    {
        relay.ReleaseAsHome(now);
        homes.HandleDraining(relay.Info.Id, deadline, others, now);
        Pump(now);
        UpdateRecord(now);
    }

    public void HandleSuperseded(RelayLink relay, TimeSpan now)
    {
        relay.ReleaseAsHome(now);
        homes.HandleSuperseded(relay.Info.Id, now);
        Pump(now);
        UpdateRecord(now);
    }

    public void HandleRelayLatency(RelayLink relay, TimeSpan rtt, TimeSpan now)
    {
        homes.HandleLatency(relay.Info.Id, rtt, now);
        Pump(now);
    }

    /// <summary>A relay knows a record of ours that we do not: of a life before this one.</summary>
    public void HandleRecordOutdated(AddressRecord newest, TimeSpan now)
    {
        if (newest.Sequence < _sequence || newest.Sequence == ulong.MaxValue) { return; }
        _sequence = newest.Sequence;
        Sign(now);
    }

    /// <summary>Signs and publishes a new record if what it says has changed.</summary>
    public void UpdateRecord(TimeSpan now)
    {
        var registered = homes.Registered;
        var addresses = endpoint.OwnAddresses;
        if (Record is not null && registered.Select(relay => relay.Id).SequenceEqual(_recordRelays.Select(relay => relay.Id)) && addresses.SequenceEqual(_recordAddresses)) { return; }
        (_recordRelays, _recordAddresses) = (registered, addresses);
        Sign(now);
    }

    private void Sign(TimeSpan now)
    {
        if (_isRemoved) { return; }
        Record = AddressRecord.Sign(
            identity, ++_sequence, endpoint.UnixSeconds(now + RecordLifetime), [.. _recordRelays.Take(AddressRecord.MaxRelays)],
            [.. _recordAddresses.Take(AddressRecord.MaxAddresses)]);
        endpoint.HandleRecordChanged(this, now);
    }

    private void Pump(TimeSpan now)
    {
        if (_isRemoved) { return; }
        while (homes.TryTakeDecision(out var decision))
        {
            switch (decision)
            {
                case RelayDecision.Connect connect: endpoint.RelayFor(this, connect.Relay, now).ConnectAsHome(now); break;
                case RelayDecision.Register register: endpoint.RelayFor(this, register.Relay, now).Register(register.Preference, now); break;
                case RelayDecision.Release release: endpoint.RelayFor(this, release.Relay, now).ReleaseAsHome(now); break;
            }
        }
        endpoint.SetTimer(this);
    }
}
