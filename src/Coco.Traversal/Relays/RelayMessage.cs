using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Traversal.Relays;

/// <summary>
/// A message on the control stream between a client and its relay. The client numbers its requests from 1. Number 0 in an answer is what
/// nobody asked for by number: a <see cref="Refused"/> of the registration, a <see cref="Found"/> record of the client's own that is
/// newer than the one it published.
/// </summary>
internal abstract record RelayMessage(RelayMessageType Type)
{
    /// <summary>Keep me reachable here, and keep my record for those who ask.</summary>
    public sealed record Register(RelayPreference Preference, AddressRecord? Record) : RelayMessage(RelayMessageType.Register);

    /// <summary>My record is now this.</summary>
    public sealed record Publish(AddressRecord Record) : RelayMessage(RelayMessageType.Publish);

    /// <summary>What is the record of this node?</summary>
    public sealed record Resolve(ulong Request, NodeId Target) : RelayMessage(RelayMessageType.Resolve);

    /// <summary>Give me a session with this node.</summary>
    public sealed record Open(ulong Request, NodeId Target) : RelayMessage(RelayMessageType.Open);

    /// <summary>I am done with this session.</summary>
    public sealed record Close(ulong Session) : RelayMessage(RelayMessageType.Close);

    /// <summary>You are registered: from where you seem to come, what you may use, how often to show that you live, where else I am.</summary>
    public sealed record Registered(NetworkAddress Observed, RelayLimits Limits, TimeSpan KeepAlive, string? Url)
        : RelayMessage(RelayMessageType.Registered);

    /// <summary>The newest record I have, or none.</summary>
    public sealed record Found(ulong Request, AddressRecord? Record) : RelayMessage(RelayMessageType.Record);

    /// <summary>Your session with the node you asked for.</summary>
    public sealed record Opened(ulong Request, ulong Session) : RelayMessage(RelayMessageType.Opened);

    /// <summary>No, and why.</summary>
    public sealed record Refused(ulong Request, RelayRefusal Reason) : RelayMessage(RelayMessageType.Refused);

    /// <summary>This node, which proved its identity to me, opened a session with you.</summary>
    public sealed record Incoming(ulong Session, NodeId Caller) : RelayMessage(RelayMessageType.Incoming);

    /// <summary>The session is over.</summary>
    public sealed record Closed(ulong Session, RelayCloseReason Reason) : RelayMessage(RelayMessageType.Closed);

    /// <summary>I stop so soon; these may serve you instead.</summary>
    public sealed record Draining(TimeSpan Remaining, IReadOnlyList<RelayInfo> Others) : RelayMessage(RelayMessageType.Draining);

    /// <summary>Your identity registered here again over another connection; callers are sent there now.</summary>
    public sealed record Superseded() : RelayMessage(RelayMessageType.Superseded);
}
