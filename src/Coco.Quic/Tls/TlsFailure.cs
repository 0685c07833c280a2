namespace Coco.Quic.Tls;

/// <summary>Why a handshake failed: what to close the connection with, and what to write into the log.</summary>
/// <param name="ErrorCode">The transport error: CRYPTO_ERROR + alert (RFC 9001 §4.8), or one of QUIC's own codes.</param>
/// <param name="Reason">What the peer sent or offered, in English.</param>
/// <param name="IsSilent">Nothing may be sent: the peer has not shown that it knows whom it talks to.</param>
internal sealed record TlsFailure(QuicErrorCode ErrorCode, string Reason, bool IsSilent)
{
    /// <summary>The alert; 0 when <see cref="ErrorCode"/> is not one.</summary>
    public byte Alert => ErrorCode >= QuicErrorCode.CryptoError ? (byte)ErrorCode : (byte)0;
}
