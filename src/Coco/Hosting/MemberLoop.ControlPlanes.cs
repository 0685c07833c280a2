using System.Collections.Immutable;
using Coco.Cluster.Statements;
using Coco.ControlPlanes;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;

namespace Coco.Hosting;

/// <content>The control planes that the network lists: relays beside those of the options. What they say is believed as little as what any relay says.</content>
internal sealed partial class MemberLoop
{
    // Chosen: a callee is at two of those that it prefers, or was, and those know where it went.
    private const int MaxPlanesAsked = 3;

    private ImmutableArray<ControlPlaneEntry> _listed = [];
    private IReadOnlyList<RelayInfo> _planes = [];

    /// <summary>Those that the network lists now; from any thread.</summary>
    public IReadOnlyList<ControlPlaneInfo> ControlPlanes { get; private set => Volatile.Write(ref field, value); } = [];

    private IReadOnlyList<RelayInfo> OwnRelays => _options.Relays.Count > 0 ? _options.Relays : _options.Host?.Options.Relays ?? [];

    // Where to look for a member of whom no more is known: beside our own relays, where it would look for callers.
    private IReadOnlyList<RelayInfo> RelaysFor(NodeId peer) => _planes.Count == 0 ? OwnRelays
        : [.. OwnRelays.Concat(PlaneOrder.For(peer, _planes).Take(MaxPlanesAsked)).DistinctBy(static relay => relay.Id)];

    // Where a control plane itself is asked something: as a relay is reached, by UDP first, and by a WebSocket where that is all that the list has or all that the network lets pass.
    private ConnectHints HintsOf(RelayInfo plane, TimeSpan patience) =>
        new() { Addresses = [.. plane.Addresses.Select(static address => address.ToIPEndPoint())], Url = plane.Url, CallAs = Self, Timeout = patience };

    private void UpdateControlPlanes()
    {
        var listed = _isRemoved ? [] : _member.State.ControlPlanes;
        if (listed.SequenceEqual(_listed)) { return; }
        _listed = listed;
        ControlPlaneInfo[] planes = [.. listed.Select(static entry => ControlPlaneText.Read(entry)).DistinctBy(static plane => plane.Id)];
        _planes = [.. planes.Select(static plane => plane.ToRelay()).OfType<RelayInfo>()];
        _endpoint.SetRelays(Self, [.. OwnRelays.Concat(PlaneOrder.For(Self, _planes)).DistinctBy(static relay => relay.Id)]);
        ControlPlanes = planes;
        _logger.ControlPlanes(Self, planes.Length);
        AskPlanesForTime();
        TellPlanes();
    }
}
