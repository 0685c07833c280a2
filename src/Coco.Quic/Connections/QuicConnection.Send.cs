using Coco.Quic.Congestion;
using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>Datagrams out: from what is pending to sealed packets (RFC 9000 §12, §13.1).</summary>
public sealed partial class QuicConnection
{
    private const int MinInitialSize = 1200; // RFC 9000 §14.1
    private const int MaxSegments = 64; // UDP_SEGMENT's limit on older kernels

    private long _packetsSent;

    // What an unvalidated path must allow for anything to be sent. Chosen: a long header with an ACK, or a PATH_CHALLENGE, so small
    // that the lone PING of a peer behind a NAT pays for it: else the two would never find each other again.
    private int LeastAllowance => _confirmed ? 64 : 128;
    private bool _sentSinceReceived; // an ack-eliciting packet was sent since the last one was received (RFC 9000 §10.1)
    private long _pacedUntil; // when the pacer lets the next packet go; 0 when it does not hold one back

    /// <summary>Fills a buffer with what is to be sent now on one path: one datagram, or several of equal size. False when there is nothing.</summary>
    internal bool TryTakeTransmit(Span<byte> buffer, long now, out Transmit transmit)
    {
        transmit = default;
        _pacedUntil = 0;
        if (State is ConnectionState.Closed or ConnectionState.Draining || !_maySend) { return false; }
        Qlog?.At(now);
        if (State is ConnectionState.Closing) { return TryBuildClose(buffer, now, out transmit); }

        var written = 0;
        foreach (var path in _paths)
        {
            if (!path.Validation.OwesResponse && !path.Validation.WantsChallenge(now)) { continue; }
            if (_endpoint.HasToWait(path.Info.Underlay, this)) { continue; }
            written = BuildPathDatagram(path, buffer, now);
            if (written > 0) { return Sent(path, written, written, EcnCodepoint.NotEct, out transmit); }
        }
        if (_endpoint.HasToWait(_active.Info.Underlay, this))
        {
            _active.Congestion.OnAppLimited(); // a window that back-pressure leaves unused does not grow
            return false;
        }
        if (_initial is not null || _handshakeSpace is not null)
        {
            written = BuildHandshakeDatagram(buffer, now);
            if (written > 0) { return Sent(_active, written, written, EcnCodepoint.NotEct, out transmit); }
        }
        return TryBuildOneRtt(buffer, now, out transmit);
    }

    private static bool Sent(NetworkPath path, int length, int segmentSize, EcnCodepoint ecn, out Transmit transmit)
    {
        path.OnSent(length);
        transmit = new(path.Id, length, segmentSize, ecn);
        return true;
    }

    private bool TryBuildOneRtt(Span<byte> buffer, long now, out Transmit transmit)
    {
        transmit = default;
        if (_data.WriteKeys is null || (State == ConnectionState.Handshaking && !MaySendEarlyData)) { return false; }
        GiveUpOldestIfSparse(now);
        var path = _active;
        if (_confirmed && TryBuildMtuProbe(path, buffer, now, out var probed)) { return Sent(path, probed, probed, EcnCodepoint.NotEct, out transmit); }

        // From the second probe timeout on, probes are small: should the path swallow large packets, they get through (RFC 8899 §4.3).
        var segmentSize = _data.ProbesToSend > 0 && _ptoCount > 1 ? PathMtuDiscovery.Base : path.Mtu.Current;
        var ecn = path.UsesEcn && _confirmed ? path.Ecn.ForNextPacket : EcnCodepoint.NotEct;
        var room = Math.Min(buffer.Length, path.SendAllowance);
        var length = 0;
        var blocked = false;
        for (var segments = 0; segments < MaxSegments && room - length >= LeastAllowance; segments++)
        {
            var mayElicit = _data.ProbesToSend > 0 || MaySendMore(path, segmentSize, now, out blocked);
            var size = (int)Math.Min(segmentSize, room - length);
            var packet = BuildOneRttPacket(path, buffer.Slice(length, size), mayElicit, ecn, now);
            length += packet;
            if (packet < segmentSize) { break; }
            // The codepoint holds for the whole batch, and the test of a path marks only its first packets.
            if (ecn != EcnCodepoint.NotEct && path.Ecn.ForNextPacket != ecn) { break; }
        }
        if (!blocked && !HasEliciting) { path.Congestion.OnAppLimited(); }
        return length > 0 && Sent(path, length, Math.Min(length, segmentSize), ecn, out transmit);
    }

    private bool MaySendEarlyData => !_isClient; // the server's 1-RTT keys come before the client's Finished (RFC 9001 §5.7)

    private bool MaySendMore(NetworkPath path, int bytes, long now, out bool blocked)
    {
        blocked = true;
        if (!path.Congestion.CanSend(bytes) || path.Congestion.BytesInFlight >= _options.MaxCongestionWindow) { return false; }
        var next = path.Pacer.NextSendTime(now);
        if (next > now) { _pacedUntil = next; return false; }
        blocked = false;
        return true;
    }

    private bool HasEliciting => _streams.HasData || _streams.HasControl || _pingPending || _datagramsToSend is { Count: > 0 }
        || HasConnectionControl;

    private bool HasConnectionControl => _handshakeDonePending || _newTokenPending || _ackFrequencyPending
        || _localIds.HasUnannounced || _remoteIds.HasRetirements;

    /// <summary>One 1-RTT packet; returns its length, 0 when there was nothing to say.</summary>
    private int BuildOneRttPacket(NetworkPath path, Span<byte> destination, bool mayElicit, EcnCodepoint ecn, long now)
    {
        var owesAck = _data.AckNow || (_data.AckDeadline != 0 && _data.AckDeadline <= now);
        if (!owesAck && !(mayElicit && (HasEliciting || _data.ProbesToSend > 0))) { return 0; }

        var number = NextPacketNumber(_data);
        var numberLength = PacketNumber.EncodedLength((ulong)number, _data.LargestAcked);
        _remoteIds.TryGet(path.RemoteConnectionId, out var remote);
        var numberOffset = HeaderWriter.WriteShort(destination, remote.Id, spin: false, _keyPhase, numberLength);
        PacketNumber.Write(destination[numberOffset..], (ulong)number, numberLength);
        var headerLength = numberOffset + numberLength;
        var writer = new SpanWriter(destination[headerLength..^PacketProtection.TagLength]);

        ref var packet = ref _data.Sent.Add(number);
        var eliciting = false;
        if (_data.OwesAck) { WriteAck(_data, ref writer, ref packet, now); }
        if (mayElicit)
        {
            eliciting |= WriteConnectionControl(ref writer, ref packet, now);
            eliciting |= WriteStreamControl(ref writer, ref packet, now);
            eliciting |= WriteDatagrams(ref writer, ref packet);
            eliciting |= WriteStreams(ref writer, ref packet);
            if (writer.RemainingLength > 0 && (_pingPending || (!eliciting && (_data.ProbesToSend > 0 || WantsAckOfAcks(now)))))
            {
                writer.WriteByte((byte)FrameType.Ping);
                eliciting = true;
                _pingPending = false;
            }
        }
        if (writer.Position == 0) { _data.Sent.Cancel(number); _data.NextPacketNumber--; return 0; }
        return SealOneRtt(path, destination, ref packet, number, numberOffset, numberLength, writer.Position, eliciting, ecn, now);
    }

    private int SealOneRtt(NetworkPath path, Span<byte> destination, ref SentPacket packet, long number, int numberOffset, int numberLength,
        int payload, bool eliciting, EcnCodepoint ecn, long now)
    {
        var headerLength = numberOffset + numberLength;
        // RFC 9001 §5.4.2: packet number and payload together are four bytes at least, so that there is a sample.
        for (; payload + numberLength < PacketNumber.MaxEncodedLength; payload++) { destination[headerLength + payload] = 0; }
        var size = headerLength + payload + PacketProtection.TagLength;
        Qlog?.PacketSent(_data.Level, number, KeyUpdates, size, destination.Slice(headerLength, payload), path.Id,
            packet.Has(SentPacketFlags.MtuProbe), now);
        _endpoint.Protection.Seal(_data.WriteKeys!, (ulong)number, destination[..size], numberOffset, numberLength);
        Record(_data, path, ref packet, number, size, eliciting, inFlight: eliciting, now);
        if (ecn != EcnCodepoint.NotEct)
        {
            path.Ecn.OnMarkedSent(now, PtoOf(path));
            if (eliciting) { packet.Flags |= SentPacketFlags.EcnMarked; }
        }
        if (!eliciting) { _data.Sent.Remove(number); } // nothing of it would ever be sent again
        return size;
    }

    private void Record(PacketSpace space, NetworkPath path, ref SentPacket packet, long number, int size, bool eliciting, bool inFlight, long now)
    {
        _packetsSent++;
        BytesCarried += size;
        packet.TimeSent = now;
        packet.Size = (ushort)size;
        packet.Path = path.Key;
        path.LastUsed = now;
        if (!eliciting && !inFlight) { return; }

        path.Outstanding++;
        packet.Flags |= SentPacketFlags.InFlight | (eliciting ? SentPacketFlags.AckEliciting : SentPacketFlags.None);
        path.Congestion.OnSent(size, now);
        path.Pacer.OnSent(size, now);
        if (path.Congestion.NeedsDeliverySnapshots) { packet.Delivery = path.Congestion.TakeSnapshot(now); }
        Qlog?.Metrics(_active, _ptoCount);
        if (!eliciting) { return; }
        if (space.ProbesToSend > 0) { space.ProbesToSend--; }
        space.TimeOfLastAckEliciting = now;
        if (!_sentSinceReceived) { _sentSinceReceived = true; _lastSentAfterReceived = now; }
    }

    /// <summary>Numbers are skipped now and then, so that a peer that acknowledges what it never saw is found out (RFC 9000 §21.4).</summary>
    private long NextPacketNumber(PacketSpace space)
    {
        if (space == _data && space.NextPacketNumber == _nextSkip)
        {
            _skippedPacketNumber = space.NextPacketNumber++;
            ScheduleSkip();
        }
        return space.NextPacketNumber++;
    }

    private void ScheduleSkip()
    {
        Span<byte> drawn = stackalloc byte[2];
        _random.Fill(drawn);
        _nextSkip = _data.NextPacketNumber + 256 + BitConverter.ToUInt16(drawn);
    }

    private long _nextSkip;

    /// <summary>Probing packets for one path (RFC 9000 §8.2): answers and challenges, filled up to 1,200 bytes to prove that size too.</summary>
    private int BuildPathDatagram(NetworkPath path, Span<byte> buffer, long now)
    {
        if (_data.WriteKeys is null || State != ConnectionState.Connected) { return 0; }
        var allowance = path.SendAllowance;
        if (allowance < LeastAllowance) { return 0; }
        if (!_remoteIds.TryGet(path.RemoteConnectionId, out var remote)) { return 0; }

        // §8.2.1: expanded to 1,200 bytes unless anti-amplification forbids; the check of the size then follows.
        var target = (int)Math.Min(Math.Min(MinInitialSize, allowance), buffer.Length);
        var destination = buffer[..target];
        var number = NextPacketNumber(_data);
        var numberLength = PacketNumber.EncodedLength((ulong)number, _data.LargestAcked);
        var numberOffset = HeaderWriter.WriteShort(destination, remote.Id, spin: false, _keyPhase, numberLength);
        PacketNumber.Write(destination[numberOffset..], (ulong)number, numberLength);
        var writer = new SpanWriter(destination[(numberOffset + numberLength)..^PacketProtection.TagLength]);
        ref var packet = ref _data.Sent.Add(number);

        if (path.Validation.TryTakeResponse(out var response)) { writer.Reserve(FrameWriter.WritePathResponse(writer.Remaining, response)); }
        if (path.Validation.WantsChallenge(now))
        {
            Span<byte> drawn = stackalloc byte[8];
            _random.Fill(drawn);
            var challenge = BitConverter.ToUInt64(drawn);
            writer.Reserve(FrameWriter.WritePathChallenge(writer.Remaining, challenge));
            path.Validation.OnChallengeSent(challenge, target < MinInitialSize, now, Math.Max(PtoOf(path), RttEstimator.Granularity));
        }
        writer.Remaining.Clear();
        return SealOneRtt(path, destination, ref packet, number, numberOffset, numberLength, writer.Span.Length, eliciting: true, EcnCodepoint.NotEct, now);
    }

    private bool TryBuildMtuProbe(NetworkPath path, Span<byte> buffer, long now, out int written)
    {
        written = 0;
        if (!path.Congestion.CanSend(path.Mtu.Current) || !path.Mtu.TryGetProbe(now, out var size)) { return false; }
        if (size > buffer.Length || !_remoteIds.TryGet(path.RemoteConnectionId, out var remote)) { path.Mtu.OnProbeLost(size); return false; }

        var destination = buffer[..size];
        var number = NextPacketNumber(_data);
        var numberLength = PacketNumber.EncodedLength((ulong)number, _data.LargestAcked);
        var numberOffset = HeaderWriter.WriteShort(destination, remote.Id, spin: false, _keyPhase, numberLength);
        PacketNumber.Write(destination[numberOffset..], (ulong)number, numberLength);
        var payload = destination[(numberOffset + numberLength)..^PacketProtection.TagLength];
        payload.Clear();
        payload[0] = (byte)FrameType.Ping;
        ref var packet = ref _data.Sent.Add(number);
        packet.Flags |= SentPacketFlags.MtuProbe;
        written = SealOneRtt(path, destination, ref packet, number, numberOffset, numberLength, payload.Length, eliciting: true, EcnCodepoint.NotEct, now);
        return true;
    }

    /// <summary>Initial and Handshake packets in one datagram (RFC 9000 §12.2), filled up to 1,200 bytes where it holds an Initial that
    /// elicits an acknowledgement (§14.1).</summary>
    private int BuildHandshakeDatagram(Span<byte> buffer, long now)
    {
        var limit = (int)Math.Min(Math.Min(buffer.Length, MinInitialSize), _active.SendAllowance);
        if (limit < LeastAllowance) { return 0; }
        var destination = buffer[..limit];
        var initialWants = _initial is not null && WantsToSend(_initial, now);
        var handshakeWants = _handshakeSpace is { WriteKeys: not null } && WantsToSend(_handshakeSpace, now);
        var length = 0;
        if (initialWants) { length += BuildLongPacket(_initial!, PacketType.Initial, destination, padTo: handshakeWants ? 0 : limit, now); }
        if (handshakeWants && State is not ConnectionState.Closing && limit - length > 64)
        {
            var padTo = initialWants && length > 0 ? limit - length : 0;
            length += BuildLongPacket(_handshakeSpace!, PacketType.Handshake, destination[length..], padTo, now);
        }
        return length;
    }

    private bool WantsToSend(PacketSpace space, long now)
    {
        if (space.OwesAck && (space.AckNow || space.AckDeadline <= now)) { return true; }
        if (space.ProbesToSend > 0) { return true; }
        return space.Crypto!.HasData && _active.Congestion.CanSend(MinInitialSize);
    }

    private int BuildLongPacket(PacketSpace space, PacketType type, Span<byte> destination, int padTo, long now)
    {
        _remoteIds.TryGet(_active.RemoteConnectionId, out var remote);
        var source = _localIds.Entries[0].Id;
        var token = type == PacketType.Initial && _isClient ? _token : [];
        var number = NextPacketNumber(space);
        var numberLength = PacketNumber.EncodedLength((ulong)number, space.LargestAcked);
        if (HeaderWriter.LongLength(type, remote.Id, source, token.Length) + numberLength + PacketProtection.TagLength + 16 > destination.Length)
        {
            space.NextPacketNumber--;
            return 0;
        }
        var numberOffset = HeaderWriter.WriteLong(destination, type, remote.Id, source, token, numberLength);
        PacketNumber.Write(destination[numberOffset..], (ulong)number, numberLength);
        var headerLength = numberOffset + numberLength;
        var writer = new SpanWriter(destination[headerLength..^PacketProtection.TagLength]);
        ref var packet = ref space.Sent.Add(number);
        if (space.OwesAck) { WriteAck(space, ref writer, ref packet, now); }
        var eliciting = false;
        if (_active.Congestion.CanSend(MinInitialSize) || space.ProbesToSend > 0)
        {
            // RFC 9002 §6.2.4: each probe carries what is not acknowledged, as one of them may be all that arrives.
            if (space.ProbesToSend > 0 && !space.Crypto!.HasData) { space.Crypto.Resend(); }
            while (space.Crypto!.TryWriteFrame(writer.Remaining, out var sent, out var written))
            {
                writer.Reserve(written);
                packet.Frames = _sentFrames.Push(packet.Frames, new() { Kind = SentFrameKind.Crypto, Stream = sent });
                eliciting = true;
            }
        }
        if (!eliciting && space.ProbesToSend > 0)
        {
            writer.WriteByte((byte)FrameType.Ping);
            eliciting = true;
        }
        // §14.1: the client pads every datagram with an Initial, the server those that elicit an acknowledgement.
        var mustPad = padTo > 0 && (_isClient || eliciting || type == PacketType.Handshake);
        var target = mustPad ? padTo - headerLength - PacketProtection.TagLength : PacketNumber.MaxEncodedLength - numberLength;
        if (writer.Position == 0) { space.Sent.Cancel(number); space.NextPacketNumber--; return 0; }
        if (target > writer.Position) { writer.Reserve(target - writer.Position).Clear(); }

        var size = headerLength + writer.Position + PacketProtection.TagLength;
        HeaderWriter.WriteLength(destination, numberOffset, size - numberOffset);
        Qlog?.PacketSent(space.Level, number, keyPhase: -1, size, writer.Written, _active.Id, isMtuProbe: false, now);
        _endpoint.Protection.Seal(space.WriteKeys!, (ulong)number, destination[..size], numberOffset, numberLength);
        Record(space, _active, ref packet, number, size, eliciting, inFlight: eliciting || mustPad, now);
        if (!eliciting && !mustPad) { space.Sent.Remove(number); }
        // RFC 9001 §4.9.1: the client drops Initial keys when it first sends a Handshake packet.
        if (_isClient && type == PacketType.Handshake) { DropSpace(ref _initial); }
        return size;
    }
}
