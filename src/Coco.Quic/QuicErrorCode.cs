namespace Coco.Quic;

/// <summary>Transport error codes carried by CONNECTION_CLOSE frames of type 0x1c (RFC 9000 §20.1).</summary>
public enum QuicErrorCode : ulong
{
    /// <summary>The connection is closed abruptly in the absence of any error.</summary>
    NoError = 0x00,

    /// <summary>The endpoint met an internal error and cannot continue.</summary>
    InternalError = 0x01,

    /// <summary>The server refused the connection.</summary>
    ConnectionRefused = 0x02,

    /// <summary>The peer sent more data than its limits allow.</summary>
    FlowControlError = 0x03,

    /// <summary>The peer opened more streams than it may.</summary>
    StreamLimitError = 0x04,

    /// <summary>A frame arrived for a stream whose state does not permit it.</summary>
    StreamStateError = 0x05,

    /// <summary>The final size of a stream changed, or data lies beyond it.</summary>
    FinalSizeError = 0x06,

    /// <summary>A frame was badly formatted.</summary>
    FrameEncodingError = 0x07,

    /// <summary>Transport parameters were badly formatted, invalid, missing, or forbidden to their sender.</summary>
    TransportParameterError = 0x08,

    /// <summary>The peer supplied more connection IDs than it may.</summary>
    ConnectionIdLimitError = 0x09,

    /// <summary>A protocol error not covered by a more specific code.</summary>
    ProtocolViolation = 0x0a,

    /// <summary>A client Initial carried an invalid Retry token.</summary>
    InvalidToken = 0x0b,

    /// <summary>The application closed the connection during the handshake (RFC 9000 §10.2.3).</summary>
    ApplicationError = 0x0c,

    /// <summary>More CRYPTO data arrived than can be buffered.</summary>
    CryptoBufferExceeded = 0x0d,

    /// <summary>A key update went wrong (RFC 9001 §6).</summary>
    KeyUpdateError = 0x0e,

    /// <summary>The confidentiality or integrity limit of the AEAD was reached (RFC 9001 §6.6).</summary>
    AeadLimitReached = 0x0f,

    /// <summary>No network path that supports QUIC is left.</summary>
    NoViablePath = 0x10,

    /// <summary>The base of the range 0x0100 to 0x01ff: this value plus a TLS alert (RFC 9001 §4.8).</summary>
    CryptoError = 0x0100,
}
