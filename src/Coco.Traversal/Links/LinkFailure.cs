namespace Coco.Traversal.Links;

/// <summary>Why a TCP or WebSocket link could not be opened, or why it ended.</summary>
public enum LinkFailure : byte
{
    /// <summary>The host is there and nobody listens at that port.</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>No way to that host, or no such host.</summary>
    Unreachable,

    /// <summary>TCP works and the TLS handshake does not.</summary>
    TlsFailed,

    /// <summary>The HTTP proxy cannot be reached or will not connect us.</summary>
    ProxyRefused,

    /// <summary>The HTTP proxy wants credentials, or others than it got (RFC 9110 §15.5.8).</summary>
    ProxyAuthenticationRequired,

    /// <summary>Something else answered, such as a captive portal, or it stopped speaking the framing of a link.</summary>
    NotARelay,

    /// <summary>The connection broke.</summary>
    Reset,

    /// <summary>One of the ends closed it.</summary>
    Closed,

    /// <summary>A rule or limit of our own.</summary>
    Policy,
}
