namespace Coco.Traversal.Stun;

/// <summary>The end of one Binding transaction.</summary>
/// <param name="Id">What <see cref="StunClient.TryAsk"/> gave.</param>
/// <param name="Socket">The host's number of the socket that asked.</param>
/// <param name="Server">Who was asked.</param>
/// <param name="Change">From where else an answer was asked for.</param>
/// <param name="Outcome">How it ended.</param>
internal readonly record struct StunResult(TransactionId Id, int Socket, NetworkAddress Server, StunChange Change, StunOutcome Outcome)
{
    /// <summary>Our address, as the server saw it, when answered.</summary>
    public NetworkAddress Mapped { get; init; }

    /// <summary>The server's other address (RFC 5780 §7.4); not sendable when it named none.</summary>
    public NetworkAddress Other { get; init; }

    /// <summary>The code of a refusal, or 0.</summary>
    public int ErrorCode { get; init; }

    /// <summary>The round trip, when only one request was sent, so that it is clear which one was answered.</summary>
    public TimeSpan? RoundTrip { get; init; }
}
