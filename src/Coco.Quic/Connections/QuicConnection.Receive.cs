using Coco.Quic.Congestion;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>Datagrams in: from bytes to frames (RFC 9000 §12, RFC 9001 §5).</summary>
public sealed partial class QuicConnection
{
    private long _packetsReceived;
    private long _lastReceived;

    /// <summary>A datagram that carries one of our connection IDs. Its bytes are decrypted in place.</summary>
    internal void HandleDatagram(in PathInfo info, Span<byte> datagram, EcnCodepoint ecn, long now)
    {
        if (State is ConnectionState.Draining or ConnectionState.Closed) { return; }
        Qlog?.At(now);
        if (State is ConnectionState.Closing) { AnswerWhileClosing(now); return; }

        var path = FindPath(info.Id);
        path?.OnReceived(datagram.Length, now);
        if (_isClient && path is null && !MayPeerMigrate) { return; } // RFC 9000 §9: the client drops what comes from elsewhere
        if (!InvariantHeader.IsLong(datagram[0])) { HandleOneRtt(info, path, datagram, ecn, datagram.Length, now); return; }
        HandleLong(info, path, datagram, ecn, now);
        ReplayStored(now);
    }

    private void HandleLong(in PathInfo info, NetworkPath? path, Span<byte> datagram, EcnCodepoint ecn, long now)
    {
        // RFC 9000 §9: only 1-RTT packets move a connection to a new address. But the end of a client's handshake counts wherever it came
        // from: with the way it began on gone, nothing else would ever complete it. Our own packets still go to the old address.
        var isElsewhere = path is null || path != _active;
        if (isElsewhere && (_isClient || !IsMigrationSymmetric)) { return; }
        var rest = datagram;
        ConnectionId destination = default;
        while (!rest.IsEmpty && PacketHeader.TryParse(rest, LocalConnectionIds.Length, out var header))
        {
            var packet = rest[..header.PacketLength];
            rest = rest[header.PacketLength..];
            // §12.2: what is coalesced behind is ignored where it names another connection ID.
            if (destination.IsEmpty) { destination = header.DestinationConnectionId; }
            else if (destination != header.DestinationConnectionId) { return; }
            switch (header.Type)
            {
                case PacketType.Initial when isElsewhere || (!_isClient && datagram.Length < MinInitialSize): // RFC 9000 §14.1: discarded
                    break;
                case PacketType.Initial when _initial is not null:
                    HandleNumbered(_initial, _active, packet, header, ecn, now);
                    break;
                case PacketType.Handshake when _handshakeSpace?.ReadKeys is not null:
                    HandleNumbered(_handshakeSpace, _active, packet, header, ecn, now);
                    break;
                case PacketType.Retry when _isClient:
                    HandleRetry(header, packet, now);
                    break;
                case PacketType.VersionNegotiation when _isClient:
                    HandleVersionNegotiation(header, packet, now);
                    break;
                case PacketType.OneRtt:
                    HandleOneRtt(info, path, packet, ecn, packet.Length, now);
                    break;
            }
            if (State is not (ConnectionState.Handshaking or ConnectionState.Connected)) { return; }
        }
    }

    private void HandleNumbered(PacketSpace space, NetworkPath path, Span<byte> packet, in PacketHeader header, EcnCodepoint ecn, long now)
    {
        if (!_endpoint.Protection.TryRemoveHeaderProtection(space.ReadKeys!, packet, header.PacketNumberOffset, out var truncated, out var numberLength)) { return; }

        var number = (long)PacketNumber.Decode(space.Received.Largest, truncated, numberLength * 8);
        var headerLength = header.PacketNumberOffset + numberLength;
        if (!_endpoint.Protection.TryOpen(space.ReadKeys!, (ulong)number, packet, headerLength, out var payload)) { CountFailedOpen(now); return; }
        if (space.Received.Contains(number)) { return; }

        // RFC 9000 §17.2: reserved bits that are not zero after protection is removed are a PROTOCOL_VIOLATION.
        if (PacketProtection.HasReservedBits(packet[0])) { CloseForError(QuicErrorCode.ProtocolViolation, 0, "reserved bits of a long header are set", now); return; }
        if (space == _initial ? !AcceptInitial(header) : header.SourceConnectionId != _peerHandshakeId) { return; } // §7.2
        if (!_isClient && space == _handshakeSpace)
        {
            // RFC 9000 §8.1: a packet under Handshake keys proves that the client received what we sent. RFC 9001 §4.9.1: the
            // server drops Initial keys with it.
            path.MarkAddressValidated();
            path.Validation.MarkValid();
            DropSpace(ref _initial);
        }
        HandlePayload(space, path, payload, packet.Length, number, ecn, now, out _);
    }

    private bool AcceptInitial(in PacketHeader header)
    {
        if (_isClient && header.TokenLength > 0)
        {
            // RFC 9000 §17.2.2: a server sends no token; the client treats one as a PROTOCOL_VIOLATION or drops the packet.
            return false;
        }
        if (_isClient && !_peerIdKnown)
        {
            // RFC 9000 §7.2: the server's first packet names the connection ID to use from then on.
            _peerIdKnown = true;
            _peerHandshakeId = header.SourceConnectionId;
            _remoteIds.SetInitial(header.SourceConnectionId);
            return true;
        }
        // §7.2: a changed Source Connection ID: the packet MUST be discarded.
        return header.SourceConnectionId == _peerHandshakeId;
    }

    private void HandleOneRtt(in PathInfo info, NetworkPath? path, Span<byte> packet, EcnCodepoint ecn, int datagramLength, long now)
    {
        const int NumberOffset = 1 + LocalConnectionIds.Length;
        if (_data.ReadKeys is null) { KeepForLater(info, packet, ecn); return; }
        if (!_endpoint.Protection.TryRemoveHeaderProtection(_data.ReadKeys, packet, NumberOffset, out var truncated, out var numberLength)) { return; }

        var number = (long)PacketNumber.Decode(_data.Received.Largest, truncated, numberLength * 8);
        var headerLength = NumberOffset + numberLength;
        var phase = SelectReadPhase((packet[0] & 0x04) != 0, number);
        var keys = phase switch { ReadPhase.Current => _data.ReadKeys, ReadPhase.Next => NextReadKeys(), _ => _previousReadKeys! };
        if (!_endpoint.Protection.TryOpen(keys, (ulong)number, packet, headerLength, out var payload))
        {
            if (IsStatelessReset(packet)) { OnStatelessReset(); return; }
            CountFailedOpen(now);
            return;
        }
        if (_data.Received.Contains(number)) { return; }
        if (PacketProtection.HasReservedBits(packet[0])) { CloseForError(QuicErrorCode.ProtocolViolation, 0, "reserved bits of a short header are set", now); return; }
        if (!AcceptReadPhase(phase, number, now)) { return; }

        var isNewPath = path is null;
        path ??= AddPeerPath(info, datagramLength, now);
        if (path is null) { return; }
        var isHighest = number > _data.Received.Largest;
        NotePeerUsedId(path, packet.Slice(1, LocalConnectionIds.Length));
        HandlePayload(_data, path, payload, packet.Length, number, ecn, now, out var isProbing);
        if (State is not ConnectionState.Connected) { return; }
        if (path != _active && !isProbing && isHighest) { FollowPeer(path, isNewPath, now); }
    }

    /// <summary>Which keys a packet number and key phase bit call for (RFC 9001 §6.3, §6.5).</summary>
    private ReadPhase SelectReadPhase(bool phase, long number)
    {
        if (phase == _keyPhase) { return ReadPhase.Current; }
        if (_previousReadKeys is not null && number < _phaseFirstReceived) { return ReadPhase.Previous; }
        return State == ConnectionState.Connected ? ReadPhase.Next : ReadPhase.Current;
    }

    private bool AcceptReadPhase(ReadPhase phase, long number, long now)
    {
        if (phase == ReadPhase.Previous) { return true; }
        if (phase == ReadPhase.Next)
        {
            // RFC 9001 §6.2: the peer may update again only after we acknowledged a packet of this phase, so we sent one.
            if (KeyUpdates > 0 && _data.NextPacketNumber == _phaseFirstSent)
            {
                CloseForError(QuicErrorCode.KeyUpdateError, 0, "the peer updated keys twice in a row", now);
                return false;
            }
            AdvanceKeyPhase();
            Qlog?.KeysUpdated(KeyUpdates, isLocal: false);
        }
        if (number >= _phaseFirstReceived) { return true; }
        if (_phaseFirstReceived == long.MaxValue && _previousReadKeys is not null)
        {
            // RFC 9001 §6.5: old read keys SHOULD be kept for no more than three times the PTO.
            _previousKeysEnd = now + (3 * PtoOf(_active));
        }
        _phaseFirstReceived = number;
        return true;
    }

    private void HandlePayload(PacketSpace space, NetworkPath path, ReadOnlySpan<byte> payload, int size, long number, EcnCodepoint ecn, long now, out bool isProbing)
    {
        _packetsReceived++;
        BytesCarried += size;
        _lastReceived = now;
        _sentSinceReceived = false;
        Qlog?.PacketReceived(space.Level, number, size, payload, path.Id, now);
        if (!HandleFrames(space, path, payload, now, out var isAckEliciting, out isProbing)) { return; }
        if (space.Level != EncryptionLevel.OneRtt && SpaceIsGone(space)) { return; }
        NoteReceived(space, number, isAckEliciting, ecn, now);
        Qlog?.Metrics(_active, _ptoCount);
    }

    private void NoteReceived(PacketSpace space, long number, bool isAckEliciting, EcnCodepoint ecn, long now)
    {
        var previousLargest = space.Received.Largest;
        space.Received.Add(number, _options.MaxAckRanges);
        if (number > previousLargest) { space.LargestReceivedTime = now; }
        switch (ecn)
        {
            case EcnCodepoint.Ect0: space.EcnEct0++; break;
            case EcnCodepoint.Ect1: space.EcnEct1++; break;
            case EcnCodepoint.CongestionExperienced: space.EcnCe++; break;
        }
        if (!isAckEliciting) { return; }

        space.AckElicitingSinceAck++;
        if (space.AckDeadline == 0) { space.AckDeadline = now + (space.Level == EncryptionLevel.OneRtt ? _ackDelay : 0); }

        // RFC 9000 §13.2.1: at once for Initial and Handshake, out of order, after a gap, and for a congestion mark;
        // §13.2.2: otherwise at least every second packet, or as the peer's ACK_FREQUENCY says.
        var isReordered = number < previousLargest || number > previousLargest + 1;
        if (space.Level != EncryptionLevel.OneRtt
            || (isReordered && _ackOnReordering)
            || ecn == EcnCodepoint.CongestionExperienced
            || space.AckElicitingSinceAck > _ackElicitingThreshold)
        {
            space.AckNow = true;
        }
    }

    private void CountFailedOpen(long now)
    {
        // RFC 9001 §6.6: the AEAD's integrity limit closes the connection.
        if (++_failedOpens >= AeadLimits.Integrity(AeadKind.ChaCha20Poly1305))
        {
            CloseForError(QuicErrorCode.AeadLimitReached, 0, "too many packets failed authentication", now);
        }
    }

    private enum ReadPhase : byte
    {
        Current,
        Previous,
        Next,
    }
}
