using System.Text;
using Coco.Quic.Congestion;
using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>How a connection ends (RFC 9000 §10).</summary>
public sealed partial class QuicConnection
{
    private const int MaxReasonLength = 256; // bytes of the reason that go into a packet

    private bool _closePending;
    private long _closeDeadline;
    private long _nextCloseAnswer;
    private long _closeAnswerInterval;

    /// <summary>Ends the connection: the peer's application sees the code and the reason, at once and without waiting for data in flight.
    /// Finish streams first where their bytes matter.</summary>
    public void Close(ulong code, string reason, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (State is not (ConnectionState.Handshaking or ConnectionState.Connected)) { return; }
        StartClosing(new(CloseKind.LocalApplication, code, 0, reason), now.Ticks);
    }

    private bool Fail(QuicErrorCode code, FrameType frame, string reason, long now) => CloseForError(code, (ulong)frame, reason, now);

    private bool Fail(QuicErrorCode code, ulong frame, string reason, long now) => CloseForError(code, frame, reason, now);

    /// <summary>The peer broke the protocol; always false, so that a handler can return it.</summary>
    private bool CloseForError(QuicErrorCode code, ulong frame, string reason, long now)
    {
        if (State is not (ConnectionState.Handshaking or ConnectionState.Connected)) { return false; }
        QuicLog.ProtocolError(_logger, code, frame, reason);
        StartClosing(new(CloseKind.LocalTransport, (ulong)code, frame, reason), now);
        return false;
    }

    private void StartClosing(CloseReason reason, long now)
    {
        CloseReason = reason;
        State = ConnectionState.Closing;
        _closePending = true;
        _closeDeadline = now + (3 * PtoOf(_active)); // RFC 9000 §10.2
        Raise(ConnectionEventKind.Closed);
        Qlog?.At(now);
        Qlog?.Closed(reason, State);
        ReleaseStreams(); // our own application gave up what was not read
        Touch();
    }

    private void OnPeerClosed(scoped in Frame frame, long now)
    {
        var kind = frame.Type == FrameType.ApplicationClose ? CloseKind.PeerApplication : CloseKind.PeerTransport;
        CloseReason = new(kind, frame.ErrorCode, (ulong)frame.OffendingType, Encoding.UTF8.GetString(frame.Data[..Math.Min(frame.Data.Length, 1024)]));
        State = ConnectionState.Draining;
        _closeDeadline = now + (3 * PtoOf(_active));
        Raise(ConnectionEventKind.Closed);
        Qlog?.Closed(CloseReason, State);
    }

    internal void OnStatelessReset()
    {
        Finish(new(CloseKind.StatelessReset, 0, 0, "The peer has lost this connection, as after a restart. Connect again."));
    }

    /// <summary>RFC 9000 §10.2.1: the close is repeated for what still arrives, less and less often.</summary>
    private void AnswerWhileClosing(long now)
    {
        if (now < _nextCloseAnswer) { return; }
        _closeAnswerInterval = Math.Max(_closeAnswerInterval * 2, PtoOf(_active) / 4);
        _nextCloseAnswer = now + _closeAnswerInterval;
        _closePending = true;
    }

    /// <summary>The end without a word to the peer.</summary>
    private void Finish(CloseReason reason)
    {
        if (State is ConnectionState.Closed) { return; }
        var wasOpen = CloseReason is null;
        var wasHalfOpen = !_wasAccepted;
        CloseReason ??= reason;
        State = ConnectionState.Closed;
        if (wasOpen)
        {
            Raise(ConnectionEventKind.Closed);
            Qlog?.Closed(CloseReason, State);
        }
        Release(wasHalfOpen);
        Qlog?.Ended(State);
    }

    private void ReleaseStreams()
    {
        _streams.Release();
        _datagramsToSend?.Clear();
        _stored = null;
    }

    private void Release(bool wasHalfOpen)
    {
        DropSpace(ref _initial);
        DropSpace(ref _handshakeSpace);
        _data.Sent.Release();
        _sentFrames.Release();
        _data.ReadKeys?.Dispose();
        _data.WriteKeys?.Dispose();
        _nextReadKeys?.Dispose();
        DropPreviousKeys();
        _exporter?.Dispose();
        _handshake?.Dispose();
        _handshake = null;
        foreach (var entry in _localIds.Entries) { _endpoint.Unregister(entry.Id); }
        foreach (var path in _paths) { UnregisterToken(path.RemoteConnectionId); }
        UnregisterClientChosenId();
        _endpoint.Forget(this, wasHalfOpen);
    }

    private bool TryBuildClose(Span<byte> buffer, long now, out Transmit transmit)
    {
        transmit = default;
        if (!_closePending || CloseReason is not { } reason) { return false; }
        _closePending = false;
        var limit = (int)Math.Min(Math.Min(buffer.Length, MinInitialSize), _active.SendAllowance);
        if (limit < LeastAllowance) { return false; }

        // RFC 9000 §10.2.3: in every kind of packet that the peer may be able to open.
        var length = 0;
        // The server of a client that has Handshake keys has them too; an Initial would have to fill the datagram (§14.1).
        if (_initial is { WriteKeys: not null } initial && !(_isClient && _handshakeSpace?.WriteKeys is not null)) { length += BuildClosePacket(initial, PacketType.Initial, buffer[..limit], reason, now); }
        if (_handshakeSpace is { WriteKeys: not null } handshake) { length += BuildClosePacket(handshake, PacketType.Handshake, buffer[length..limit], reason, now); }
        if (_data.WriteKeys is not null) { length += BuildClosePacket(_data, PacketType.OneRtt, buffer[length..limit], reason, now); }
        return length > 0 && Sent(_active, length, length, EcnCodepoint.NotEct, out transmit);
    }

    private int BuildClosePacket(Recovery.PacketSpace space, PacketType type, Span<byte> destination, CloseReason reason, long now)
    {
        _remoteIds.TryGet(_active.RemoteConnectionId, out var remote);
        var token = type == PacketType.Initial && _isClient ? _token : [];
        var source = _localIds.Entries.IsEmpty ? default : _localIds.Entries[0].Id;
        var header = type == PacketType.OneRtt ? 1 + remote.Id.Length : HeaderWriter.LongLength(type, remote.Id, source, token.Length);
        if (header + 4 + 64 + PacketProtection.TagLength > destination.Length) { return 0; }

        var number = space.NextPacketNumber++;
        var numberLength = PacketNumber.EncodedLength((ulong)number, space.LargestAcked);
        var numberOffset = type == PacketType.OneRtt
            ? HeaderWriter.WriteShort(destination, remote.Id, spin: false, _keyPhase, numberLength)
            : HeaderWriter.WriteLong(destination, type, remote.Id, source, token, numberLength);
        PacketNumber.Write(destination[numberOffset..], (ulong)number, numberLength);
        var headerLength = numberOffset + numberLength;
        var writer = new SpanWriter(destination[headerLength..^PacketProtection.TagLength]);

        // §10.2.3: an application's code and reason would tell strangers about the application: before 1-RTT they are replaced.
        var isApplication = reason.Kind == CloseKind.LocalApplication;
        Span<byte> text = stackalloc byte[MaxReasonLength];
        var length = EncodeReason(reason.Message, text[..Math.Min(text.Length, writer.RemainingLength - 32)]);
        if (isApplication && type == PacketType.OneRtt) { writer.Reserve(FrameWriter.WriteApplicationClose(writer.Remaining, reason.Code, text[..length])); }
        else if (isApplication) { writer.Reserve(FrameWriter.WriteConnectionClose(writer.Remaining, (ulong)QuicErrorCode.ApplicationError, 0, [])); }
        else { writer.Reserve(FrameWriter.WriteConnectionClose(writer.Remaining, reason.Code, (FrameType)reason.FrameType, text[..length])); }

        // §14.1: a client's datagram with an Initial is always filled up.
        var least = type == PacketType.Initial && _isClient
            ? destination.Length - headerLength - PacketProtection.TagLength : PacketNumber.MaxEncodedLength;
        if (writer.Position < least) { writer.Reserve(least - writer.Position).Clear(); }
        var size = headerLength + writer.Position + PacketProtection.TagLength;
        if (type != PacketType.OneRtt) { HeaderWriter.WriteLength(destination, numberOffset, size - numberOffset); }
        Qlog?.PacketSent(space.Level, number, KeyUpdates, size, writer.Written, _active.Id, isMtuProbe: false, now);
        _endpoint.Protection.Seal(space.WriteKeys!, (ulong)number, destination[..size], numberOffset, numberLength);
        _packetsSent++;
        BytesCarried += size;
        return size;
    }

    private static int EncodeReason(string reason, Span<byte> destination)
    {
        Encoding.UTF8.GetEncoder().Convert(reason, destination, flush: true, out _, out var written, out _);
        return written;
    }
}
