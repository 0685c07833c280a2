using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

/// <summary>
/// The server's messages, changed in one way, and what the client says of them. Each case names the rule it breaks.
/// </summary>
public sealed class ClientRefusalTests
{
    public static TheoryData<string, int> Answers => new()
    {
        { "RFC 8446 §4.1.3: a cipher suite that was not offered", 47 },
        { "RFC 8446 §4.1.3: a session id that was not sent", 47 },
        { "RFC 8446 §4.1.3: a compression method", 47 },
        { "RFC 8446 §4.2.1: a version that was not offered", 47 },
        { "RFC 8446 §4.1.3: TLS 1.2", 70 },
        { "RFC 8446 §4.1.3: TLS 1.2 with the downgrade sentinel", 47 },
        { "RFC 8446 §4.1.3: TLS 1.1 with the downgrade sentinel", 47 },
        { "RFC 8446 §9.2: no key_share", 109 },
        { "RFC 8446 §4.2.8: a share of another group", 47 },
        { "RFC 8446 §7.4.2: a share of small order", 47 },
        { "RFC 8446 §4.2: an unknown extension in ServerHello", 110 },
        { "RFC 8446 §4.2: an extension of another message in ServerHello", 47 },
        { "RFC 8446 §4.2: an extension in EncryptedExtensions that was not offered", 110 },
        { "RFC 8446 §4.2: an extension of another message in EncryptedExtensions", 47 },
        { "RFC 8446 §4.2: an extension twice in EncryptedExtensions", 47 },
        { "RFC 7250 §4.2: no server_certificate_type", 43 },
        { "RFC 7250 §4.2: another server_certificate_type", 47 },
        { "RFC 7250 §4.2: no client_certificate_type but a request", 43 },
        { "RFC 9001 §8.1: no ALPN", 120 },
        { "RFC 7301 §3.1: another protocol", 47 },
        { "RFC 9001 §8.2: no quic_transport_parameters", 109 },
        { "RFC 8446 §4.3.2: a request without signature_algorithms", 109 },
        { "RFC 8446 §4.3.2: a request that does not accept ed25519", 40 },
        { "RFC 8446 §4.3.2: a request with a context", 47 },
        { "RFC 8446 §4.4.2.4: an empty Certificate", 50 },
        { "RFC 8446 §4.4.2: a Certificate with two raw keys", 47 },
        { "RFC 8446 §4.4.2: a Certificate with a context", 47 },
        { "RFC 8446 §4.4.2: a Certificate with an extension", 110 },
        { "RFC 8410 §4: a raw key that is not Ed25519", 43 },
        { "RFC 8446 §4.4.3: another signature scheme", 47 },
        { "RFC 8446 §4.4.3: a wrong signature", 50 + 1 },
        { "RFC 8446 §4.4.4: a wrong Finished", 51 },
        { "RFC 8446 §4.4.4: a short Finished", 50 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_that_breaks_a_rule_is_refused_with_its_alert(string rule, int alert)
    {
        using var pair = new HandshakePair { Change = (_, fromClient, data) => fromClient ? data : Break(data, rule) }.Run();

        Assert.Equal(HandshakeState.Failed, pair.Client.State);
        Assert.True(alert == pair.Client.Failure!.Alert, $"alert {pair.Client.Failure.Alert}: {pair.Client.Failure.Reason}");
        Assert.False(pair.Client.Failure.IsSilent);
        Assert.True(pair.Client.PeerId.IsDefault);
    }

    [Fact]
    public void A_server_with_another_key_than_expected_is_refused_before_anything_is_sent_to_it()
    {
        var open = new TlsOptions { RequireServerNameToken = false };
        using var pair = new HandshakePair(open, expected: HandshakePair.OtherKey.Id).Run();

        Assert.Equal((byte)AlertDescription.CertificateUnknown, pair.Client.Failure!.Alert);
        Assert.Contains(HandshakePair.OtherKey.Id.ToString(), pair.Client.Failure.Reason, StringComparison.Ordinal);
        Assert.Equal(HandshakeState.InProgress, pair.Server.State);
        Assert.True(pair.Client.PeerId.IsDefault);
    }

    [Fact] // RFC 8446 §4.1.4: "would not result in any change"
    public void A_retry_that_changes_nothing_is_illegal() =>
        Assert.Equal((byte)AlertDescription.IllegalParameter, AfterRetry(out _)!.Alert);

    [Fact] // RFC 8446 §4.2.8: the share was sent already
    public void A_retry_for_the_share_that_was_sent_is_illegal() =>
        Assert.Equal((byte)AlertDescription.IllegalParameter, AfterRetry(out _, (ExtensionType.KeyShare, [0, 0x1d]))!.Alert);

    [Fact] // RFC 8446 §4.2.8: nor was this group offered
    public void A_retry_for_another_group_is_illegal() =>
        Assert.Equal((byte)AlertDescription.IllegalParameter, AfterRetry(out _, (ExtensionType.KeyShare, [0, 0x17]))!.Alert);

    [Fact] // RFC 8446 §4.2.2, §4.1.2
    public void A_retry_with_a_cookie_repeats_the_hello_with_the_cookie_in_it()
    {
        var failure = AfterRetry(out var hellos, (ExtensionType.Cookie, [0, 3, 7, 8, 9]));
        var (first, second) = (EditableMessage.Parse(hellos[0]), EditableMessage.Parse(hellos[1]));

        Assert.Null(failure);
        Assert.Equal([0, 3, 7, 8, 9], second[ExtensionType.Cookie]);
        second.Remove(ExtensionType.Cookie);
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact] // RFC 8446 §4.1.4
    public void A_second_retry_is_unexpected()
    {
        using var pair = new HandshakePair();
        pair.Client.HandleCrypto(EncryptionLevel.Initial, Retry((ExtensionType.Cookie, [0, 1, 7])));
        pair.Client.HandleCrypto(EncryptionLevel.Initial, Retry((ExtensionType.Cookie, [0, 1, 7])));

        Assert.Equal((byte)AlertDescription.UnexpectedMessage, pair.Client.Failure!.Alert);
    }

    [Theory] // RFC 8446 §4.6.1: nothing is resumed, and any number of tickets is forgotten
    [InlineData(1)]
    [InlineData(1000)]
    public void Session_tickets_are_ignored(int chunkSize)
    {
        using var pair = new HandshakePair().Run();
        var ticket = EditableMessage.Message(HandshakeType.NewSessionTicket, [.. new byte[8], 1, 1, 0, 2, 5, 5, 0, 0]);
        for (var i = 0; i < 3; i++)
        {
            foreach (var chunk in ticket.Chunk(chunkSize)) { pair.Client.HandleCrypto(EncryptionLevel.OneRtt, chunk); }
        }

        Assert.Null(pair.Client.Failure);
    }

    [Fact] // RFC 9001 §4.6.1
    public void A_ticket_that_limits_early_data_is_a_protocol_violation()
    {
        using var pair = new HandshakePair().Run();
        pair.Client.HandleCrypto(
            EncryptionLevel.OneRtt,
            EditableMessage.Message(HandshakeType.NewSessionTicket, [.. new byte[8], 0, 0, 1, 5, 0, 8, 0, 42, 0, 4, 0, 0, 1, 0]));

        Assert.Equal(QuicErrorCode.ProtocolViolation, pair.Client.Failure!.ErrorCode);
    }

    [Theory] // RFC 9001 §6; RFC 8446 §4.6.2: post-handshake authentication was not offered
    [InlineData((byte)HandshakeType.KeyUpdate)]
    [InlineData((byte)HandshakeType.CertificateRequest)]
    [InlineData((byte)HandshakeType.Finished)]
    [InlineData((byte)99)]
    public void Other_messages_after_the_handshake_are_unexpected(byte type)
    {
        using var pair = new HandshakePair().Run();
        pair.Client.HandleCrypto(EncryptionLevel.OneRtt, [type, 0, 0, 1, 0]);

        Assert.Equal((byte)AlertDescription.UnexpectedMessage, pair.Client.Failure!.Alert);
    }

    [Fact] // RFC 9001 §4.1.3
    public void Data_behind_ServerHello_is_a_protocol_violation()
    {
        using var pair = new HandshakePair
        {
            Change = (level, fromClient, data) => !fromClient && level is EncryptionLevel.Initial ? [.. data, 8] : data,
        }.Run();

        Assert.Equal(QuicErrorCode.ProtocolViolation, pair.Client.Failure!.ErrorCode);
    }

    [Fact] // RFC 8446 §4.1.3: what must be encrypted is not read in the clear
    public void Later_messages_at_the_Initial_level_are_refused()
    {
        using var pair = new HandshakePair();
        pair.Client.HandleCrypto(EncryptionLevel.Initial, EditableMessage.Message(HandshakeType.EncryptedExtensions, 0, 0));

        Assert.Equal((byte)AlertDescription.UnexpectedMessage, pair.Client.Failure!.Alert);
    }

    private static TlsFailure? AfterRetry(out List<byte[]> hellos, params (ExtensionType Type, byte[] Data)[] extensions)
    {
        using var pair = new HandshakePair();
        hellos = [HandshakePair.Drain(pair.Client).Single().Data];
        pair.Client.HandleCrypto(EncryptionLevel.Initial, Retry(extensions));
        hellos.AddRange(HandshakePair.Drain(pair.Client).Select(output => output.Data));
        return pair.Client.Failure;
    }

    private static byte[] Retry(params (ExtensionType Type, byte[] Data)[] extensions)
    {
        var message = EditableMessage.Parse(EditableMessage.Message(
            HandshakeType.ServerHello, [3, 3, .. TlsProfile.HelloRetryRequestRandom, 0, 0x13, 0x03, 0, 0, 0]));
        message[ExtensionType.SupportedVersions] = [3, 4];
        foreach (var (type, data) in extensions) { message[type] = data; }
        return message.ToArray();
    }

    private static byte[] Break(byte[] flight, string rule)
    {
        byte[] Hello(Action<EditableMessage> edit) => EditableMessage.Edit(flight, HandshakeType.ServerHello, edit);
        byte[] Extensions(Action<EditableMessage> edit) => EditableMessage.Edit(flight, HandshakeType.EncryptedExtensions, edit);
        byte[] Request(Action<EditableMessage> edit) => EditableMessage.Edit(flight, HandshakeType.CertificateRequest, edit);
        byte[] Certificate(Action<EditableMessage> edit) => EditableMessage.Edit(flight, HandshakeType.Certificate, edit);

        return rule[(rule.IndexOf(':', StringComparison.Ordinal) + 2)..] switch
        {
            "a cipher suite that was not offered" => Hello(m => m.Head[^2] = 1),
            "a session id that was not sent" => Hello(m => m.Head = [.. m.Head[..34], 1, 0xAA, .. m.Head[35..]]),
            "a compression method" => Hello(m => m.Head[^1] = 1),
            "a version that was not offered" => Hello(m => m[ExtensionType.SupportedVersions] = [3, 3]),
            "TLS 1.2" => Hello(m => m.Extensions.Clear()),
            "TLS 1.2 with the downgrade sentinel" => Hello(m => Downgrade(m, 1)),
            "TLS 1.1 with the downgrade sentinel" => Hello(m => Downgrade(m, 0)),
            "no key_share" => Hello(m => m.Remove(ExtensionType.KeyShare)),
            "a share of another group" => Hello(m => m[ExtensionType.KeyShare] = [0, 0x17, 0, 32, .. new byte[32]]),
            "a share of small order" => Hello(m => m[ExtensionType.KeyShare] = [0, 0x1d, 0, 32, .. new byte[32]]),
            "an unknown extension in ServerHello" => Hello(m => m.Extensions.Add((0x1a1a, []))),
            "an extension of another message in ServerHello" => Hello(m => m[ExtensionType.ServerCertificateType] = [2]),
            "an extension in EncryptedExtensions that was not offered" => Extensions(m => m[ExtensionType.EarlyData] = []),
            "an extension of another message in EncryptedExtensions" => Extensions(m => m[ExtensionType.KeyShare] = []),
            "an extension twice in EncryptedExtensions" => Extensions(m => m.Extensions.Add(m.Extensions[0])),
            "no server_certificate_type" => Extensions(m => m.Remove(ExtensionType.ServerCertificateType)),
            "another server_certificate_type" => Extensions(m => m[ExtensionType.ServerCertificateType] = [0]),
            "no client_certificate_type but a request" => Extensions(m => m.Remove(ExtensionType.ClientCertificateType)),
            "no ALPN" => Extensions(m => m.Remove(ExtensionType.ApplicationLayerProtocolNegotiation)),
            "another protocol" =>
                Extensions(m => m[ExtensionType.ApplicationLayerProtocolNegotiation] = [0, 3, 2, (byte)'h', (byte)'3']),
            "no quic_transport_parameters" => Extensions(m => m.Remove(ExtensionType.QuicTransportParameters)),
            "a request without signature_algorithms" => Request(m => m.Extensions[0] = (0x1a1a, [])),
            "a request that does not accept ed25519" => Request(m => m[ExtensionType.SignatureAlgorithms] = [0, 2, 4, 3]),
            "a request with a context" => Request(m => m.Head = [1, 7]),
            "an empty Certificate" => Certificate(m => m.Head = [0, 0, 0, 0]),
            "a Certificate with two raw keys" => Certificate(m => m.Head = [0, 0, 0, 98, .. m.Head[4..], .. m.Head[4..]]),
            "a Certificate with a context" => Certificate(m => m.Head = [1, 7, .. m.Head[1..]]),
            "a Certificate with an extension" => Certificate(m => m.Head = [0, 0, 0, 53, .. m.Head[4..^2], 0, 4, 0, 5, 0, 0]),
            "a raw key that is not Ed25519" => Certificate(m => m.Head[15] ^= 1),
            "another signature scheme" => EditableMessage.Edit(flight, HandshakeType.CertificateVerify, m => m.Head[0] = 4),
            "a wrong signature" => EditableMessage.Edit(flight, HandshakeType.CertificateVerify, m => m.Head[^1] ^= 1),
            "a wrong Finished" => EditableMessage.Edit(flight, HandshakeType.Finished, m => m.Head[5] ^= 1),
            "a short Finished" => EditableMessage.Edit(flight, HandshakeType.Finished, m => m.Head = m.Head[..31]),
            _ => throw new InvalidOperationException(rule),
        };
    }

    private static void Downgrade(EditableMessage hello, byte version)
    {
        hello.Extensions.Clear();
        TlsProfile.DowngradeSentinel.CopyTo(hello.Head.AsSpan(2 + 24));
        hello.Head[33] = version;
    }
}
