using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Paths;

namespace Coco.Quic.Qlog;

/// <summary>
/// The connection as a whole: its start, what both sides agreed on, its end (draft-ietf-quic-qlog-quic-events §4, §5).
/// </summary>
public sealed partial class QlogTrace
{
    private const string Version1 = "00000001";
    private ConnectionState? _state;

    internal void Started(bool isClient, in ConnectionId originalDestination, in ConnectionId local, in ConnectionId remote,
        IReadOnlyList<string> protocols, PathId path, long now)
    {
        At(now);
        _isClient = isClient;
        _initialPath = path;
        WriteHeader(originalDestination);

        BeginEvent("quic:connection_started"u8, "connectivity"u8);
        WriteEndpoint("local"u8, local);
        WriteEndpoint("remote"u8, remote);
        EndEvent();

        BeginEvent("quic:version_information"u8, "transport"u8);
        _json.WriteStartArray(isClient ? "client_versions"u8 : "server_versions"u8);
        _json.WriteStringValue(Version1);
        _json.WriteEndArray();
        _json.WriteString("chosen_version"u8, Version1);
        EndEvent();

        BeginEvent("quic:alpn_information"u8, "transport"u8);
        _json.WriteStartArray(isClient ? "client_alpns"u8 : "server_alpns"u8);
        foreach (var protocol in protocols)
        {
            _json.WriteStartObject();
            _json.WriteString("string_value"u8, protocol);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
        EndEvent();

        StateChanged("attempted"u8);
        KeyInstalled(EncryptionLevel.Initial, isWrite: true);
        KeyInstalled(EncryptionLevel.Initial, isWrite: false);
    }

    internal void ParametersSet(TransportParameters parameters, bool isLocal)
    {
        _ackDelayExponents[isLocal ? 0 : 1] = (int)Math.Min(parameters.AckDelayExponent, TransportParameters.MaxAckDelayExponent);
        BeginEvent("quic:parameters_set"u8, "transport"u8);
        _json.WriteString("initiator"u8, isLocal ? "local"u8 : "remote"u8);
        _json.WriteString("owner"u8, isLocal ? "local"u8 : "remote"u8); // until version 0.3
        _json.WriteString("tls_cipher"u8, "CHACHA20_POLY1305_SHA256"u8);
        WriteId("original_destination_connection_id"u8, parameters.OriginalDestinationConnectionId);
        WriteId("initial_source_connection_id"u8, parameters.InitialSourceConnectionId);
        WriteId("retry_source_connection_id"u8, parameters.RetrySourceConnectionId);
        _json.WriteBoolean("disable_active_migration"u8, parameters.DisableActiveMigration);
        WriteInteger("max_idle_timeout"u8, parameters.MaxIdleTimeoutMs);
        WriteInteger("max_udp_payload_size"u8, parameters.MaxUdpPayloadSize);
        WriteInteger("ack_delay_exponent"u8, parameters.AckDelayExponent);
        WriteInteger("max_ack_delay"u8, parameters.MaxAckDelayMs);
        WriteInteger("active_connection_id_limit"u8, parameters.ActiveConnectionIdLimit);
        WriteInteger("initial_max_data"u8, parameters.InitialMaxData);
        WriteInteger("initial_max_stream_data_bidi_local"u8, parameters.InitialMaxStreamDataBidiLocal);
        WriteInteger("initial_max_stream_data_bidi_remote"u8, parameters.InitialMaxStreamDataBidiRemote);
        WriteInteger("initial_max_stream_data_uni"u8, parameters.InitialMaxStreamDataUni);
        WriteInteger("initial_max_streams_bidi"u8, parameters.InitialMaxStreamsBidi);
        WriteInteger("initial_max_streams_uni"u8, parameters.InitialMaxStreamsUni);
        WriteInteger("max_datagram_frame_size"u8, parameters.MaxDatagramFrameSize);
        // Neither is in the draft: fields of our own, which it allows.
        if (parameters.MinAckDelayMicroseconds is { } minAckDelay) { WriteInteger("min_ack_delay"u8, minAckDelay); }
        _json.WriteBoolean("coco_migration"u8, parameters.CocoMigration);
        EndEvent();
    }

    internal void HandshakeComplete(string? protocol)
    {
        if (protocol is not null)
        {
            BeginEvent("quic:alpn_information"u8, "transport"u8);
            _json.WriteStartObject("chosen_alpn"u8);
            _json.WriteString("string_value"u8, protocol);
            _json.WriteEndObject();
            EndEvent();
        }
        StateChanged("handshake_complete"u8);
    }

    internal void HandshakeConfirmed() => StateChanged("handshake_confirmed"u8);

    internal void Closed(CloseReason reason, ConnectionState state)
    {
        BeginEvent("quic:connection_closed"u8, "connectivity"u8);
        var isPeer = reason.Kind is CloseKind.PeerApplication or CloseKind.PeerTransport or CloseKind.StatelessReset;
        _json.WriteString("initiator"u8, isPeer ? "remote"u8 : "local"u8);
        var isApplication = reason.Kind is CloseKind.LocalApplication or CloseKind.PeerApplication;
        var hasCode = isApplication || reason.Kind is CloseKind.LocalTransport or CloseKind.PeerTransport;
        if (hasCode) { WriteError(isApplication ? "application_error"u8 : "connection_error"u8, reason.Code, isApplication); }
        _json.WriteString("reason"u8, reason.Message);
        _json.WriteString("trigger"u8, reason.Kind switch
        {
            CloseKind.LocalApplication or CloseKind.PeerApplication => "application"u8,
            CloseKind.LocalTransport or CloseKind.PeerTransport => "error"u8,
            CloseKind.IdleTimeout => "idle_timeout"u8,
            CloseKind.StatelessReset => "stateless_reset"u8,
            CloseKind.VersionNegotiation => "version_mismatch"u8,
            _ => "aborted"u8,
        });
        EndEvent();
        Ended(state);
    }

    /// <summary>Closing, draining and closed follow each other, or some are left out.</summary>
    internal void Ended(ConnectionState state)
    {
        if (_state == state) { return; }
        _state = state;
        StateChanged(state switch
        {
            ConnectionState.Closing => "closing"u8,
            ConnectionState.Draining => "draining"u8,
            _ => "closed"u8,
        });
    }

    private void StateChanged(ReadOnlySpan<byte> state)
    {
        BeginEvent("quic:connection_state_updated"u8, "connectivity"u8);
        _json.WriteString("new"u8, state);
        EndEvent();
    }

    // The core knows no addresses, so that a connection ID is all there is to say of an end.
    private void WriteEndpoint(ReadOnlySpan<byte> name, in ConnectionId id)
    {
        _json.WriteStartObject(name);
        _json.WriteStartArray("connection_ids"u8);
        WriteHexValue(id.Span);
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void WriteId(ReadOnlySpan<byte> name, in ConnectionId? id)
    {
        if (id is { } value) { WriteHex(name, value.Span); }
    }
}
