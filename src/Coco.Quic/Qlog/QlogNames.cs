using Coco.Quic.Congestion;
using Coco.Quic.Packets;

namespace Coco.Quic.Qlog;

/// <summary>What draft-ietf-quic-qlog-quic-events §8 calls things.</summary>
internal static class QlogNames
{
    public static ReadOnlySpan<byte> OfPacketType(EncryptionLevel level) => level switch
    {
        EncryptionLevel.Initial => "initial"u8,
        EncryptionLevel.Handshake => "handshake"u8,
        EncryptionLevel.ZeroRtt => "0RTT"u8,
        _ => "1RTT"u8,
    };

    public static ReadOnlySpan<byte> OfSpace(EncryptionLevel level) => level switch
    {
        EncryptionLevel.Initial => "initial"u8,
        EncryptionLevel.Handshake => "handshake"u8,
        _ => "application_data"u8,
    };

    public static ReadOnlySpan<byte> OfKey(EncryptionLevel level, bool isServer) => (level, isServer) switch
    {
        (EncryptionLevel.Initial, true) => "server_initial_secret"u8,
        (EncryptionLevel.Initial, false) => "client_initial_secret"u8,
        (EncryptionLevel.Handshake, true) => "server_handshake_secret"u8,
        (EncryptionLevel.Handshake, false) => "client_handshake_secret"u8,
        (EncryptionLevel.ZeroRtt, true) => "server_0rtt_secret"u8,
        (EncryptionLevel.ZeroRtt, false) => "client_0rtt_secret"u8,
        (_, true) => "server_1rtt_secret"u8,
        (_, false) => "client_1rtt_secret"u8,
    };

    /// <summary>TransportError; "unknown" for codes without a name, whose number is then written beside it.</summary>
    public static ReadOnlySpan<byte> OfError(ulong code) => (QuicErrorCode)code switch
    {
        QuicErrorCode.NoError => "no_error"u8,
        QuicErrorCode.InternalError => "internal_error"u8,
        QuicErrorCode.ConnectionRefused => "connection_refused"u8,
        QuicErrorCode.FlowControlError => "flow_control_error"u8,
        QuicErrorCode.StreamLimitError => "stream_limit_error"u8,
        QuicErrorCode.StreamStateError => "stream_state_error"u8,
        QuicErrorCode.FinalSizeError => "final_size_error"u8,
        QuicErrorCode.FrameEncodingError => "frame_encoding_error"u8,
        QuicErrorCode.TransportParameterError => "transport_parameter_error"u8,
        QuicErrorCode.ConnectionIdLimitError => "connection_id_limit_error"u8,
        QuicErrorCode.ProtocolViolation => "protocol_violation"u8,
        QuicErrorCode.InvalidToken => "invalid_token"u8,
        QuicErrorCode.ApplicationError => "application_error"u8,
        QuicErrorCode.CryptoBufferExceeded => "crypto_buffer_exceeded"u8,
        QuicErrorCode.KeyUpdateError => "key_update_error"u8,
        QuicErrorCode.AeadLimitReached => "aead_limit_reached"u8,
        QuicErrorCode.NoViablePath => "no_viable_path"u8,
        _ => "unknown"u8,
    };

    public static bool IsCryptoError(ulong code) =>
        code is >= (ulong)QuicErrorCode.CryptoError and <= (ulong)QuicErrorCode.CryptoError + 0xFF;

    /// <summary>The draft leaves the names of states to the algorithm.</summary>
    public static string OfState(BbrState state) => state switch
    {
        BbrState.Startup => "startup",
        BbrState.Drain => "drain",
        BbrState.ProbeDown => "probe_bw_down",
        BbrState.ProbeCruise => "probe_bw_cruise",
        BbrState.ProbeRefill => "probe_bw_refill",
        BbrState.ProbeUp => "probe_bw_up",
        _ => "probe_rtt",
    };
}
