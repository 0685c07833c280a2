namespace Coco.Quic.Connections;

/// <summary>When a client has to prove its address by a Retry before it costs us anything (RFC 9000 §8.1.2).</summary>
public enum AddressValidation : byte
{
    /// <summary>Never: the handshake proves it, within the limit of three times what came in.</summary>
    Never,

    /// <summary>While a quarter or more of the half-open connections allowed are in use.</summary>
    UnderLoad,

    /// <summary>Always.</summary>
    Always,
}
