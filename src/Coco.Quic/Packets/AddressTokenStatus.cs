namespace Coco.Quic.Packets;

/// <summary>What a server makes of the token in a client's Initial.</summary>
internal enum AddressTokenStatus : byte
{
    /// <summary>The client owns its address.</summary>
    Valid,

    /// <summary>Ours and for this address, but too old.</summary>
    Expired,

    /// <summary>
    /// It says it is a Retry token, but is forged, for another address or of an old key: close with INVALID_TOKEN (§8.1.2).
    /// </summary>
    InvalidRetry,

    /// <summary>Nothing we can use: go on as if the client had sent none (§8.1.3).</summary>
    Unknown,
}
