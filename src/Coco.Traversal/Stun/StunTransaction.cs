namespace Coco.Traversal.Stun;

/// <summary>One Binding request over UDP, from the first send to an answer or failure (RFC 8489 §6.2.1).</summary>
internal sealed class StunTransaction(TransactionId id, int socket, NetworkAddress server, StunChange change, TimeSpan now)
{
    private TimeSpan _firstSent;

    public TransactionId Id { get; } = id;

    public int Socket { get; } = socket;

    public NetworkAddress Server { get; } = server;

    public StunChange Change { get; } = change;

    public int Sent { get; private set; }

    /// <summary>When the next request is due, or, after the last one, when it is over.</summary>
    public TimeSpan Deadline { get; private set; } = now;

    public bool HasSentAll(StunClientOptions options) => Sent >= options.MaxRequests;

    public void HandleSent(StunClientOptions options, TimeSpan now)
    {
        if (Sent == 0) { _firstSent = now; }
        Sent++;
        // §6.2.1: intervals double from RTO, but the wait after the last request is Rm × RTO, not another doubling.
        Deadline = now + (options.Rto * (HasSentAll(options) ? options.LastWaitFactor : 1 << (Sent - 1)));
    }

    /// <summary>Whether an answer may come from there: from who was asked, or from the other address that was asked for.</summary>
    public bool Expects(in NetworkAddress from) => from.IsIpv4 == Server.IsIpv4
        && ((Change & StunChange.Address) != 0) != from.HasSameHost(Server)
        && ((Change & StunChange.Port) != 0) != (from.Port == Server.Port);

    public StunResult End(StunOutcome outcome) => new(Id, Socket, Server, Change, outcome);

    public TimeSpan? RoundTrip(TimeSpan now) => Sent == 1 ? now - _firstSent : null;
}
