using Coco.Quic.Congestion;
using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>Datagrams that belong to no connection: new peers, other versions, and the remains of lost connections (RFC 9000 §5.2).</summary>
public sealed partial class QuicEndpoint
{
    private const int MaxAnswers = 64; // chosen: what waits to be sent to strangers; more are dropped, they come again
    private const long TokenLifetimeSeconds = 24 * 3600; // of NEW_TOKEN tokens
    private const long RetryLifetimeSeconds = 15;

    private readonly Queue<Answer> _answers = new();
    private readonly AddressTokenSealer _tokens;
    private readonly Dictionary<UInt128, QuicConnection> _resetTokens = [];
    private long _resetWindowStart;
    private int _resetsInWindow;

    private readonly record struct Answer(PathId Path, byte[] Datagram);

    internal StatelessResetToken ResetTokenOf(in ConnectionId id) => StatelessResetToken.Derive(_resetKey, id);

    internal void RegisterResetToken(in StatelessResetToken token, QuicConnection connection) => _resetTokens.TryAdd(KeyOf(token), connection);

    internal void UnregisterResetToken(in StatelessResetToken token, QuicConnection connection)
    {
        // A hostile peer can give the token of another connection's peer: only its own entry goes.
        var key = KeyOf(token);
        if (_resetTokens.TryGetValue(key, out var owner) && owner == connection) { _resetTokens.Remove(key); }
    }

    internal void SealNewToken(ulong addressTag, Span<byte> destination, long now) =>
        _tokens.Seal(new(AddressTokenKind.NewToken, now / TimeSpan.TicksPerSecond, default, default), BitConverter.GetBytes(addressTag), destination);

    private void HandleStranger(in PathInfo path, Span<byte> datagram, EcnCodepoint ecn, long now)
    {
        if (!InvariantHeader.IsLong(datagram[0])) { HandleUnknownShort(path, datagram, now); return; }
        if (!InvariantHeader.TryParse(datagram, out var invariant)) { return; }
        if (invariant.Version != QuicVersion.V1) { AnswerVersion(path, datagram, invariant); return; }

        // RFC 9000 §14.1: an Initial in a datagram below 1,200 bytes is discarded.
        if (!AcceptsConnections || datagram.Length < 1200) { return; }
        if (!PacketHeader.TryParseLong(datagram, out var header) || header.Type != PacketType.Initial) { return; }
        // §7.2: the client's choice of Destination Connection ID has at least 8 bytes.
        if (header.DestinationConnectionId.Length < 8) { return; }
        Accept(path, header, datagram, ecn, now);
    }

    private void Accept(in PathInfo path, in PacketHeader header, Span<byte> datagram, EcnCodepoint ecn, long now)
    {
        if (_count >= Options.MaxConnections || _halfOpen >= Options.MaxHalfOpenConnections)
        {
            QuicLog.ConnectionRefused(_logger, _count, _halfOpen);
            return;
        }
        Span<byte> binding = stackalloc byte[8];
        BitConverter.TryWriteBytes(binding, path.AddressTag);
        var token = header.Token(datagram);
        var status = AddressTokenStatus.Unknown;
        AddressToken opened = default;
        if (!token.IsEmpty)
        {
            var isRetry = token[0] == (byte)AddressTokenKind.Retry;
            status = _tokens.TryOpen(token, binding, now / TimeSpan.TicksPerSecond, isRetry ? RetryLifetimeSeconds : TokenLifetimeSeconds, out opened);
        }
        if (status == AddressTokenStatus.InvalidRetry
            || (status is AddressTokenStatus.Valid or AddressTokenStatus.Expired && opened.Kind == AddressTokenKind.Retry
                && (status == AddressTokenStatus.Expired || opened.RetrySource != header.DestinationConnectionId)))
        {
            // RFC 9000 §8.1.2: a Retry token that does not hold closes the attempt with INVALID_TOKEN.
            QueueRefusal(path, header, datagram, QuicErrorCode.InvalidToken);
            return;
        }
        var isValidated = status == AddressTokenStatus.Valid;
        if (!isValidated && WantsRetry) { QueueRetry(path, header, binding, now); return; }

        var retried = isValidated && opened.Kind == AddressTokenKind.Retry;
        var connection = QuicConnection.Server(this, path, header, retried ? opened.OriginalDestination : header.DestinationConnectionId, retried, isValidated, _tls, now);
        _count++;
        _halfOpen++;
        connection.HandleDatagram(path, datagram, ecn, now);
        if (connection.Statistics.PacketsReceived == 0) { connection.Dispose(); } // the packet did not open: no state is kept for it
        MarkReady(connection);
        Schedule(connection);
    }

    private bool WantsRetry => Options.AddressValidation switch
    {
        AddressValidation.Always => true,
        AddressValidation.UnderLoad => _halfOpen >= Options.MaxHalfOpenConnections / 4,
        _ => false,
    };

    private void QueueRetry(in PathInfo path, in PacketHeader header, ReadOnlySpan<byte> binding, long now)
    {
        if (_answers.Count >= MaxAnswers) { return; }
        var source = ConnectionId.Generate(_random, LocalConnectionIds.Length);
        Span<byte> token = stackalloc byte[AddressTokenSealer.TokenLength];
        _tokens.Seal(new(AddressTokenKind.Retry, now / TimeSpan.TicksPerSecond, header.DestinationConnectionId, source), binding, token);
        var packet = new byte[RetryPacket.Length(header.SourceConnectionId, source, token.Length)];
        RetryPacket.Write(packet, header.SourceConnectionId, source, token, header.DestinationConnectionId, Protection.Aes128Gcm);
        _answers.Enqueue(new(path.Id, packet));
    }

    /// <summary>A CONNECTION_CLOSE in an Initial, from keys that the client's packet itself gives (RFC 9000 §5.2.2); no state is kept.</summary>
    private void QueueRefusal(in PathInfo path, in PacketHeader header, Span<byte> datagram, QuicErrorCode code)
    {
        if (_answers.Count >= MaxAnswers) { return; }
        var (send, receive) = InitialSecrets.DeriveKeys(header.DestinationConnectionId, isServer: true);
        // A token spoilt on its way must not end the attempt of an honest client: the packet has to be authentic.
        if (!Protection.TryOpenInitial(receive, datagram[..header.PacketLength], header.PacketNumberOffset)) { return; }
        Span<byte> packet = stackalloc byte[128];
        var numberOffset = HeaderWriter.WriteLong(packet, PacketType.Initial, header.SourceConnectionId, header.DestinationConnectionId, [], packetNumberLength: 1);
        packet[numberOffset] = 0;
        var payload = Frames.FrameWriter.WriteConnectionClose(packet[(numberOffset + 1)..], (ulong)code, 0, []);
        var size = numberOffset + 1 + payload + PacketProtection.TagLength;
        HeaderWriter.WriteLength(packet, numberOffset, size - numberOffset);
        Protection.Seal(send, 0, packet[..size], numberOffset, 1);
        _answers.Enqueue(new(path.Id, packet[..size].ToArray()));
        send.Dispose();
        receive.Dispose();
    }

    private void AnswerVersion(in PathInfo path, ReadOnlySpan<byte> datagram, in InvariantHeader header)
    {
        // RFC 9000 §5.2.2, §6.1: only to datagrams large enough to start a connection; a Version Negotiation packet is never answered.
        if (!AcceptsConnections || !Options.AnswersStrangers || header.Version == QuicVersion.Negotiation) { return; }
        if (datagram.Length < 1200 || _answers.Count >= MaxAnswers) { return; }
        var packet = new byte[VersionNegotiationPacket.MaxLength];
        var length = VersionNegotiationPacket.Write(packet, header, _random);
        _answers.Enqueue(new(path.Id, packet[..length]));
    }

    private void HandleUnknownShort(in PathInfo path, ReadOnlySpan<byte> datagram, long now)
    {
        if (datagram.Length >= StatelessReset.MinLength
            && _resetTokens.TryGetValue(KeyOf(new StatelessResetToken(datagram[^StatelessResetToken.Length..])), out var connection))
        {
            connection.OnStatelessReset();
            MarkReady(connection); // its end is news, and no timer of its will tell: they are gone
            Schedule(connection);
            return;
        }
        if (!Options.AnswersStrangers || _answers.Count >= MaxAnswers || datagram.Length < 1 + LocalConnectionIds.Length) { return; }
        // RFC 9000 §10.3: sending resets is limited in rate.
        if (now - _resetWindowStart > TimeSpan.TicksPerSecond) { (_resetWindowStart, _resetsInWindow) = (now, 0); }
        if (_resetsInWindow >= Options.MaxStatelessResetsPerSecond) { return; }
        Span<byte> packet = stackalloc byte[64];
        var length = StatelessReset.Write(packet, datagram.Length, ResetTokenOf(new(datagram.Slice(1, LocalConnectionIds.Length))), _random);
        if (length == 0) { return; }
        _resetsInWindow++;
        _answers.Enqueue(new(path.Id, packet[..length].ToArray()));
    }

    private bool TryTakeAnswer(Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!_answers.TryDequeue(out var answer)) { return false; }
        answer.Datagram.CopyTo(buffer);
        transmit = new(answer.Path, answer.Datagram.Length, answer.Datagram.Length, EcnCodepoint.NotEct);
        return true;
    }

    // RFC 9000 §10.3.1 wants no leak by the time a comparison takes: the table's hash is keyed by chance of the runtime's own.
    private static UInt128 KeyOf(in StatelessResetToken token)
    {
        Span<byte> bytes = stackalloc byte[StatelessResetToken.Length];
        token.CopyTo(bytes);
        return BitConverter.ToUInt128(bytes);
    }
}
