using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;
using Coco.Quic.Streams;

namespace Coco.Quic.Connections;

/// <summary>The frames of a received packet (RFC 9000 §19, §12.4).</summary>
public sealed partial class QuicConnection
{
    private bool HandleFrames(PacketSpace space, NetworkPath path, ReadOnlySpan<byte> payload, long now, out bool isAckEliciting, out bool isProbing)
    {
        isAckEliciting = false;
        isProbing = true;
        var reader = new FrameReader(payload, space.Level, isFromServer: _isClient);
        while (reader.TryRead(out var frame))
        {
            var type = frame.Type;
            if (type == FrameType.Stream && space == _data)
            {
                isAckEliciting = true;
                isProbing = false;
                var error = _streams.HandleStream((long)frame.StreamId, frame.Offset, frame.Data, frame.Fin);
                if (error != QuicErrorCode.NoError) { return Fail(error, type, "a STREAM frame breaks a rule of streams", now); }
                continue;
            }
            isAckEliciting |= type.IsAckEliciting();
            isProbing &= type.IsProbing();
            if (!HandleFrame(space, path, frame, now)) { return false; }
        }
        return reader.Error == QuicErrorCode.NoError || Fail(reader.Error, reader.ErrorFrameType, reader.ErrorReason, now);
    }

    private bool HandleFrame(PacketSpace space, NetworkPath path, scoped in Frame frame, long now)
    {
        switch (frame.Type)
        {
            case FrameType.Padding or FrameType.Ping:
                return true;
            case FrameType.Ack or FrameType.AckEcn:
                return HandleAck(space, frame, now);
            case FrameType.Crypto:
                return HandleCrypto(space, frame, now);
            case FrameType.NewToken:
                _receivedToken = frame.Data.ToArray();
                Raise(ConnectionEventKind.TokenReceived, path.Id);
                return true;
            case FrameType.NewConnectionId:
                return HandleNewConnectionId(frame, now);
            case FrameType.RetireConnectionId:
                return HandleRetireConnectionId(frame, path, now);
            case FrameType.PathChallenge:
                HandlePathChallenge(path, frame.PathData);
                return true;
            case FrameType.PathResponse:
                HandlePathResponse(frame.PathData, now);
                return true;
            case FrameType.ConnectionClose or FrameType.ApplicationClose:
                OnPeerClosed(frame, now);
                return false;
            case FrameType.HandshakeDone:
                _handshakeDoneReceived = true;
                if (State == ConnectionState.Connected) { Confirm(now); }
                return true;
            case FrameType.ImmediateAck:
                _data.AckNow = true;
                return true;
            case FrameType.AckFrequency:
                return HandleAckFrequency(frame, now);
            case FrameType.Datagram or FrameType.DatagramWithLength:
                return HandleDatagramFrame(frame, now);
            default:
                return HandleStreamControl(frame, now);
        }
    }

    private bool HandleStreamControl(scoped in Frame frame, long now)
    {
        var id = (long)frame.StreamId;
        var error = frame.Type switch
        {
            FrameType.ResetStream => _streams.HandleResetStream(id, frame.ErrorCode, frame.FinalSize),
            FrameType.StopSending => _streams.HandleStopSending(id, frame.ErrorCode),
            FrameType.MaxData => _streams.HandleMaxData(frame.Maximum),
            FrameType.MaxStreamData => _streams.HandleMaxStreamData(id, frame.Maximum),
            FrameType.MaxStreamsBidi => _streams.HandleMaxStreams(bidirectional: true, frame.Maximum),
            FrameType.MaxStreamsUni => _streams.HandleMaxStreams(bidirectional: false, frame.Maximum),
            FrameType.DataBlocked => StreamSet.HandleDataBlocked(frame.Maximum),
            FrameType.StreamDataBlocked => _streams.HandleStreamDataBlocked(id, frame.Maximum),
            FrameType.StreamsBlockedBidi => _streams.HandleStreamsBlocked(bidirectional: true, frame.Maximum),
            FrameType.StreamsBlockedUni => _streams.HandleStreamsBlocked(bidirectional: false, frame.Maximum),
            _ => QuicErrorCode.FrameEncodingError,
        };
        return error == QuicErrorCode.NoError || Fail(error, frame.Type, $"a {frame.Type} frame breaks a rule of streams", now);
    }

    private bool HandleCrypto(PacketSpace space, scoped in Frame frame, long now)
    {
        if (space.Level == EncryptionLevel.OneRtt)
        {
            // Nothing of TLS comes after the handshake but session tickets (RFC 9001 §4.6), and we do not resume: they are dropped
            // unread. Anything else, such as a TLS KeyUpdate (§6), would have no effect either.
            return frame.Data.IsEmpty || frame.Data[0] != 24 || frame.Offset != 0
                || Fail(QuicErrorCode.CryptoError + 10, frame.Type, "the peer sent a TLS KeyUpdate", now); // unexpected_message
        }
        if (SpaceIsGone(space)) { return true; } // by an earlier frame of the same packet
        var error = space.Crypto!.HandleCrypto(frame.Offset, frame.Data);
        if (error != QuicErrorCode.NoError) { return Fail(error, frame.Type, "the peer's handshake messages exceed the buffer", now); }
        if (_handshake is null) { return true; }

        var level = space.Level;
        for (var data = space.Crypto.PeekRead(); !data.IsEmpty && _handshake is not null; data = SpaceIsGone(space) ? [] : space.Crypto.PeekRead())
        {
            _handshake.HandleCrypto(level, data);
            space.Crypto.AdvanceRead(data.Length);
            DriveHandshake(now);
            if (State is not (ConnectionState.Handshaking or ConnectionState.Connected)) { return false; }
        }
        if (State == ConnectionState.Connected && _handshakeDoneReceived) { Confirm(now); }
        return true;
    }
}
