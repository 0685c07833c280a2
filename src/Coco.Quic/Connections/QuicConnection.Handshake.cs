using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;
using Coco.Quic.Streams;
using Coco.Quic.Tls;

namespace Coco.Quic.Connections;

/// <summary>Driving the handshake (RFC 9001 §4) and what the two sides tell each other in it (RFC 9000 §7).</summary>
public sealed partial class QuicConnection
{
    private const int ClientDestinationIdLength = 8; // RFC 9000 §7.2: unpredictable, at least 8 bytes

    private bool _peerIdKnown;
    private List<StoredPacket>? _stored; // 1-RTT packets that came before their keys

    private readonly record struct StoredPacket(PathInfo Path, byte[] Packet, Congestion.EcnCodepoint Ecn);

    private void StartHandshake(in ConnectionId initialDestination)
    {
        _initial = NewHandshakeSpace(EncryptionLevel.Initial);
        _handshakeSpace = NewHandshakeSpace(EncryptionLevel.Handshake);
        SetInitialKeys(initialDestination);
        _handshake!.Start();
    }

    private PacketSpace NewHandshakeSpace(EncryptionLevel level) => new(level) { Crypto = new CryptoStream(_endpoint.Pool) };

    private void SetInitialKeys(in ConnectionId destination)
    {
        _initial!.WriteKeys?.Dispose();
        _initial.ReadKeys?.Dispose();
        (_initial.WriteKeys, _initial.ReadKeys) = InitialSecrets.DeriveKeys(destination, isServer: !_isClient);
    }

    /// <summary>Takes what the handshake has made: bytes to send, keys, the peer's parameters, completion or failure.</summary>
    private void DriveHandshake(long now)
    {
        var handshake = _handshake!;
        if (handshake.State == HandshakeState.Failed) { OnHandshakeFailed(handshake.Failure!, now); return; }

        if (_peerParameters is null && !handshake.PeerTransportParameters.IsEmpty && !AcceptPeerParameters(handshake.PeerTransportParameters, now)) { return; }
        while (handshake.TryTakeSecrets(out var secrets)) { InstallSecrets(secrets); }
        while (handshake.TryTakeOutput(out var level, out var data))
        {
            _maySend = true;
            SpaceOf(level).Crypto!.Write(data.Span);
        }
        if (handshake.State == HandshakeState.Complete && State == ConnectionState.Handshaking) { OnHandshakeComplete(now); }
    }

    private void InstallSecrets(in TrafficSecrets secrets)
    {
        Span<byte> secret = stackalloc byte[TrafficSecrets.Size];
        secrets.CopyTo(secret);
        var space = SpaceOf(secrets.Level);
        var keys = PacketKeys.Derive(secret, AeadKind.ChaCha20Poly1305);
        if (secrets.IsWrite) { space.WriteKeys = keys; }
        else { space.ReadKeys = keys; }
        Qlog?.KeyInstalled(secrets.Level, secrets.IsWrite);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
    }

    private void OnHandshakeFailed(TlsFailure failure, long now)
    {
        QuicLog.HandshakeRefused(_logger, failure.Reason);
        if (failure.IsSilent)
        {
            Finish(new(CloseKind.SilentRefusal, (ulong)failure.ErrorCode, 0, failure.Reason));
            return;
        }
        _maySend = true;
        CloseForError(failure.ErrorCode, 0x06, failure.Reason, now);
    }

    private void OnHandshakeComplete(long now)
    {
        State = ConnectionState.Connected;
        PeerId = _handshake!.PeerId;
        LocalId = (_handshake as ServerHandshake)?.Identity?.Id ?? default;
        ApplicationProtocol = _handshake.SelectedAlpn;
        Qlog?.HandshakeComplete(ApplicationProtocol);
        _exporter = _handshake.DetachExporter();
        _wasAccepted = true;
        _endpoint.OnHandshakeComplete(this);
        _data.AckNow = false;
        Raise(ConnectionEventKind.Connected, _active.Id);
        IssueConnectionIds();
        if (_isClient) { return; }

        // RFC 9001 §4.1.2: the server's handshake is confirmed when it is complete, and it says so with HANDSHAKE_DONE.
        _handshakeDonePending = true;
        if (_endpoint.Options.IssueTokens) { _newTokenPending = true; }
        Confirm(now);
    }

    private void Confirm(long now)
    {
        if (_confirmed) { return; }
        _confirmed = true;
        DropSpace(ref _initial);
        DropSpace(ref _handshakeSpace);
        _handshake?.Dispose();
        _handshake = null;
        _ackFrequencyPending = _peerParameters!.MinAckDelayMicroseconds is not null;
        if (!_isClient || _active.Validation.State != PathValidationState.Valid) { _active.Validation.MarkValid(); }
        _active.MarkAddressValidated();
        _active.Mtu.OnBaseConfirmed();
        Raise(ConnectionEventKind.Confirmed, _active.Id);
        Qlog?.HandshakeConfirmed();
    }

    /// <summary>RFC 9002 §6.4: with its keys, a packet number space loses its packets, which leave flight.</summary>
    private void DropSpace(ref PacketSpace? space)
    {
        if (space is null) { return; }
        for (long number = space.Sent.First, end = space.Sent.Next; number < end && space.Sent.Count > 0; number++)
        {
            ref var packet = ref space.Sent.Find(number);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref packet)) { continue; }
            if (FindPath(packet.Path) is { } path)
            {
                path.Outstanding--;
                if (packet.Has(SentPacketFlags.InFlight)) { path.Congestion.OnDiscarded(packet.Size); }
            }
            for (var at = packet.Frames; at >= 0;) { at = _sentFrames.Pop(at, out _); }
            space.Sent.Remove(number);
        }
        space.Sent.Release();
        space.ReadKeys?.Dispose();
        space.WriteKeys?.Dispose();
        space.Crypto?.Release();
        Qlog?.KeysDiscarded(space.Level);
        space = null;
        _ptoCount = 0;
    }

    private bool SpaceIsGone(PacketSpace space) => space.Level == EncryptionLevel.Initial ? _initial is null : _handshakeSpace is null;

    private PacketSpace SpaceOf(EncryptionLevel level) => level switch
    {
        EncryptionLevel.Initial => _initial!,
        EncryptionLevel.Handshake => _handshakeSpace!,
        _ => _data,
    };

    private bool AcceptPeerParameters(ReadOnlySpan<byte> encoded, long now)
    {
        if (!TransportParameters.TryParse(encoded, isFromServer: _isClient, out var parameters, out var problem))
        {
            return Fail(QuicErrorCode.TransportParameterError, 0x06, problem, now);
        }
        // RFC 9000 §7.3: the connection IDs of the handshake are authenticated by repeating them here.
        var isAuthentic = parameters.InitialSourceConnectionId == _peerHandshakeId
            && (!_isClient || (parameters.OriginalDestinationConnectionId == _originalDestinationId
                && (_wasRetried ? parameters.RetrySourceConnectionId == _retrySourceId : parameters.RetrySourceConnectionId is null)));
        if (!isAuthentic)
        {
            return Fail(QuicErrorCode.TransportParameterError, 0x06, "the connection IDs in the peer's transport parameters are not those of the handshake", now);
        }
        _peerParameters = parameters;
        Qlog?.ParametersSet(parameters, isLocal: false);
        if (parameters.StatelessResetToken is { } token)
        {
            _remoteIds.SetInitialToken(token);
            _endpoint.RegisterResetToken(token, this);
        }
        if (parameters.PreferredAddress is { } preferred)
        {
            // The address itself is the host's business, and ours has none; its connection ID counts as sequence number 1 (§5.1.1).
            var error = _remoteIds.Add(1, 0, preferred.ConnectionId, preferred.ResetToken);
            if (error != QuicErrorCode.NoError) { return Fail(error, 0x06, "the preferred address breaks a rule of connection IDs", now); }
        }
        _active.LimitDatagramSize((int)Math.Min(parameters.MaxUdpPayloadSize, 65_527), _options);
        _streams.SetPeerLimits(
            parameters.InitialMaxData, parameters.InitialMaxStreamDataBidiLocal, parameters.InitialMaxStreamDataBidiRemote,
            parameters.InitialMaxStreamDataUni, parameters.InitialMaxStreamsBidi, parameters.InitialMaxStreamsUni);
        return true;
    }

    private TransportParameters LocalParameters(in ConnectionId sourceId) => new()
    {
        InitialSourceConnectionId = sourceId,
        OriginalDestinationConnectionId = _isClient ? null : _originalDestinationId,
        RetrySourceConnectionId = !_isClient && _wasRetried ? _retrySourceId : null,
        StatelessResetToken = _isClient ? null : _endpoint.ResetTokenOf(sourceId),
        MaxIdleTimeoutMs = (ulong)_options.IdleTimeout.TotalMilliseconds,
        InitialMaxData = (ulong)_options.Streams.InitialConnectionWindow,
        InitialMaxStreamDataBidiLocal = (ulong)_options.Streams.InitialStreamWindow,
        InitialMaxStreamDataBidiRemote = (ulong)_options.Streams.InitialStreamWindow,
        InitialMaxStreamDataUni = (ulong)_options.Streams.InitialStreamWindow,
        InitialMaxStreamsBidi = (ulong)_options.Streams.MaxBidirectionalStreams,
        InitialMaxStreamsUni = (ulong)_options.Streams.MaxUnidirectionalStreams,
        MaxAckDelayMs = (ulong)_options.MaxAckDelay.TotalMilliseconds,
        MinAckDelayMicroseconds = MinAckDelay, // the resolution of the timers of a host
        ActiveConnectionIdLimit = (ulong)_options.ActiveConnectionIdLimit,
        MaxDatagramFrameSize = (ulong)_options.MaxDatagramFrameSize,
        CocoMigration = _options.SymmetricMigration,
    };

    private void HandleRetry(in PacketHeader header, ReadOnlySpan<byte> packet, long now)
    {
        // RFC 9000 §17.2.5.2: at most one Retry, before anything else of the server's, and only if its tag verifies.
        if (_wasRetried || _peerIdKnown || _initial is null) { return; }
        if (header.SourceConnectionId == _originalDestinationId) { return; }
        if (!RetryPacket.Verify(packet, _originalDestinationId, _endpoint.Protection.Aes128Gcm)) { return; }

        Qlog?.UnnumberedPacketReceived(PacketType.Retry, packet.Length);
        _wasRetried = true;
        _retrySourceId = header.SourceConnectionId;
        _token = header.Token(packet).ToArray();
        _remoteIds.SetInitial(header.SourceConnectionId);
        SetInitialKeys(header.SourceConnectionId);

        // What was in flight is sent again under the new keys; packet numbers go on (§17.2.5.3).
        var sent = _initial.Sent;
        for (long number = sent.First, end = sent.Next; number < end && sent.Count > 0; number++)
        {
            ref var lost = ref sent.Find(number);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref lost)) { continue; }
            _active.Outstanding--;
            _active.Congestion.OnDiscarded(lost.Size);
            RequeueFrames(_initial, ref lost);
            sent.Remove(number);
        }
        _ptoCount = 0;
        _ = now;
    }

    private void HandleVersionNegotiation(in PacketHeader header, ReadOnlySpan<byte> packet, long now)
    {
        // RFC 9000 §6.2: ignored once any other packet of the server's has been processed.
        _ = header;
        if (_peerIdKnown || _wasRetried || _initial is null) { return; }
        if (!VersionNegotiationPacket.IsValidAnswer(packet, _localIds.Entries[0].Id, _originalDestinationId)) { return; }
        Qlog?.UnnumberedPacketReceived(PacketType.VersionNegotiation, packet.Length);
        Finish(new(CloseKind.VersionNegotiation, 0, 0, "The peer does not speak QUIC version 1. Check that the address is that of a Coco node."));
        _ = now;
    }

    /// <summary>RFC 9000 §5.7: a few 1-RTT packets that overtook the handshake are kept, for they are not sent again before a timeout.</summary>
    private void KeepForLater(in PathInfo info, ReadOnlySpan<byte> packet, Congestion.EcnCodepoint ecn)
    {
        const int MaxStored = 10; // an initial window's worth
        if (State != ConnectionState.Handshaking || !_maySend) { return; }
        _stored ??= [];
        if (_stored.Count < MaxStored) { _stored.Add(new(info, packet.ToArray(), ecn)); }
    }

    private void ReplayStored(long now)
    {
        if (_stored is null || State != ConnectionState.Connected) { return; }
        var stored = _stored;
        _stored = null;
        foreach (var (path, packet, ecn) in stored)
        {
            if (State != ConnectionState.Connected) { return; }
            HandleOneRtt(path, FindPath(path.Id), packet, ecn, packet.Length, now);
        }
    }
}
