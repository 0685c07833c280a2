using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Traversal.Relays;

/// <summary>What a client learns from its relay.</summary>
internal abstract record RelayClientEvent
{
    private RelayClientEvent()
    {
    }

    /// <summary>Callers reach us there now.</summary>
    public sealed record Registered(NetworkAddress Observed, RelayLimits Limits, TimeSpan KeepAlive, string? Url) : RelayClientEvent;

    /// <summary>The relay does not want us, or did not answer.</summary>
    public sealed record RegistrationRefused(RelayRefusal Reason) : RelayClientEvent;

    /// <summary>A session we asked for. It may be one that the peer opened before.</summary>
    public sealed record Opened(ulong Request, ulong Session, NodeId Peer) : RelayClientEvent;

    /// <summary>No session.</summary>
    public sealed record OpenRefused(ulong Request, NodeId Peer, RelayRefusal Reason) : RelayClientEvent;

    /// <summary>A session that a peer opened. Who it is the relay says; its QUIC handshake proves it.</summary>
    public sealed record Incoming(ulong Session, NodeId Peer) : RelayClientEvent;

    /// <summary>A session ended, for another reason than our own <see cref="RelayClient.Close"/>.</summary>
    public sealed record SessionClosed(ulong Session, NodeId Peer, RelayCloseReason Reason) : RelayClientEvent;

    /// <summary>The record of a node, or that there is none to be had here.</summary>
    public sealed record Resolved(ulong Request, NodeId Target, AddressRecord? Record) : RelayClientEvent
    {
        /// <summary>Whether the relay could not look it up now, and may be asked again.</summary>
        public bool MayAskAgain { get; init; }
    }

    /// <summary>The relay keeps a record of ours with a sequence number at least as high as in the one published: publish one beyond.</summary>
    public sealed record RecordOutdated(AddressRecord Newest) : RelayClientEvent;

    /// <summary>The relay stops at <paramref name="Deadline"/>.</summary>
    public sealed record Draining(TimeSpan Deadline, IReadOnlyList<RelayInfo> Others) : RelayClientEvent;

    /// <summary>Our identity registered over another connection.</summary>
    public sealed record Superseded() : RelayClientEvent;

    /// <summary>The relay broke the protocol: close the control connection.</summary>
    public sealed record Failed(string Reason) : RelayClientEvent;
}
