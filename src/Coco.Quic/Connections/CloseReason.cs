namespace Coco.Quic.Connections;

/// <summary>Why a connection ended.</summary>
/// <param name="Kind">Who or what ended it.</param>
/// <param name="Code">The application's code, or a transport error code (RFC 9000 §20).</param>
/// <param name="FrameType">The frame that caused a transport error, zero when unknown.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record CloseReason(CloseKind Kind, ulong Code, ulong FrameType, string Message)
{
    /// <summary>Whether trying again could help: the peer was silent, gone or refused for now.</summary>
    public bool IsTransient => Kind is CloseKind.IdleTimeout or CloseKind.HandshakeTimeout or CloseKind.StatelessReset
        || (Kind is CloseKind.PeerTransport && Code == (ulong)QuicErrorCode.ConnectionRefused);
}
