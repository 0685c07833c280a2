using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

/// <summary>One ClientHello, changed in one way, and what the server says of it. Each case names the rule it breaks.</summary>
public sealed class ServerRefusalTests
{
    public static TheoryData<string, int> Offers => new()
    {
        { "RFC 8446 §4.1.1: no cipher suite in common", 40 },
        { "RFC 8446 §4.2.7: no group in common", 40 },
        { "RFC 8446 §4.2.3: no signature scheme in common", 40 },
        { "RFC 8446 §4.2.1: no supported_versions", 70 },
        { "RFC 8446 §4.2.1: supported_versions without TLS 1.3", 70 },
        { "RFC 8446 §4.1.2: compression offered", 47 },
        { "RFC 8446 §9.2: no supported_groups", 109 },
        { "RFC 8446 §9.2: no key_share", 109 },
        { "RFC 8446 §9.2: no signature_algorithms", 109 },
        { "RFC 8446 §4.2.9: pre_shared_key without psk_key_exchange_modes", 109 },
        { "RFC 8446 §4.2.11: pre_shared_key not last", 47 },
        { "RFC 8446 §4.2: an extension twice", 47 },
        { "RFC 8446 §4.2.8: two shares for one group", 47 },
        { "RFC 8446 §4.2.8.2: a share of the wrong length", 47 },
        { "RFC 8446 §7.4.2: a share of small order", 47 },
        { "RFC 7250 §4.2: no server_certificate_type", 43 },
        { "RFC 7250 §4.2: only X.509 servers", 43 },
        { "RFC 7250 §4.2: no client_certificate_type", 43 },
        { "RFC 7301 §3.2: no protocol in common", 120 },
        { "RFC 9001 §8.1: no ALPN", 120 },
        { "RFC 9001 §8.2: no quic_transport_parameters", 109 },
        { "RFC 8446 §6.2: malformed key_share", 50 },
        { "RFC 8446 §6.2: malformed supported_groups", 50 },
        { "RFC 8446 §6.2: malformed signature_algorithms", 50 },
        { "RFC 8446 §6.2: malformed supported_versions", 50 },
        { "RFC 8446 §6.2: malformed ALPN", 50 },
    };

    [Theory]
    [MemberData(nameof(Offers))]
    public void An_offer_that_lacks_what_is_needed_is_refused_with_its_alert(string rule, int alert)
    {
        // Without a token, since an endpoint that insists on one is silent to whatever it cannot read.
        using var pair = new HandshakePair(serverOptions: new() { RequireServerNameToken = false });
        HandshakePair.Drain(pair.Client).ForEach(output => pair.Server.HandleCrypto(output.Level, Break(output.Data, rule)));

        Assert.Equal(HandshakeState.Failed, pair.Server.State);
        Assert.Equal((byte)alert, pair.Server.Failure!.Alert);
        Assert.False(pair.Server.Failure.IsSilent);
        Assert.Empty(HandshakePair.Drain(pair.Server));
    }

    [Fact] // RFC 9001 §8.4
    public void A_legacy_session_id_is_a_protocol_violation()
    {
        var failure = Refusal(hello => hello.Head = [.. hello.Head[..34], 1, 0xAA, .. hello.Head[35..]]);

        Assert.Equal(QuicErrorCode.ProtocolViolation, failure!.ErrorCode);
        Assert.Equal(0, failure.Alert);
    }

    [Fact]
    public void The_reason_says_what_the_peer_offered()
    {
        var failure = Refusal(hello => Suites(hello, 0x13, 0x01, 0x13, 0x02));

        Assert.Contains("0x1301, 0x1302", failure!.Reason, StringComparison.Ordinal);
    }

    [Theory] // RFC 8446 §4.1.2, §4.2, §9.3: whatever is not known is ignored
    [InlineData("grease")]
    [InlineData("other suites")]
    [InlineData("other shares")]
    [InlineData("pre-shared key and early data")]
    [InlineData("many unknown extensions")]
    [InlineData("both certificate types")]
    [InlineData("other protocols")]
    public void Whatever_else_is_offered_is_ignored(string extra)
    {
        using var pair = new HandshakePair();
        HandshakePair.Drain(pair.Client).ForEach(output => pair.Server.HandleCrypto(output.Level, Enrich(output.Data, extra)));

        Assert.Null(pair.Server.Failure);
        Assert.Equal(
            [EncryptionLevel.Initial, EncryptionLevel.Handshake],
            HandshakePair.Drain(pair.Server).Select(output => output.Level));
    }

    [Fact] // RFC 8446 §4.1.4
    public void A_client_without_an_x25519_share_is_asked_for_one_and_then_served()
    {
        using var pair = new HandshakePair();
        var hello = HandshakePair.Drain(pair.Client).Single().Data;
        pair.Server.HandleCrypto(EncryptionLevel.Initial, Edit(hello, message => message[ExtensionType.KeyShare] = [0, 0]));
        var retry = EditableMessage.Parse(HandshakePair.Drain(pair.Server).Single().Data);
        pair.Server.HandleCrypto(EncryptionLevel.Initial, hello);

        Assert.Equal(TlsProfile.HelloRetryRequestRandom.ToArray(), retry.Head[2..34]);
        Assert.Equal([0x00, 0x1d], retry[ExtensionType.KeyShare]);
        Assert.Equal(2, HandshakePair.Drain(pair.Server).Count);
    }

    [Fact] // RFC 8446 §4.1.4, §4.1.2
    public void A_client_that_does_not_heed_the_retry_is_refused()
    {
        using var pair = new HandshakePair();
        var hello = Edit(HandshakePair.Drain(pair.Client).Single().Data, message => message[ExtensionType.KeyShare] = [0, 0]);
        pair.Server.HandleCrypto(EncryptionLevel.Initial, hello);
        pair.Server.HandleCrypto(EncryptionLevel.Initial, hello);

        Assert.Equal((byte)AlertDescription.IllegalParameter, pair.Server.Failure!.Alert);
    }

    [Fact]
    public void A_client_hello_beyond_the_limit_is_refused_by_its_header()
    {
        using var pair = new HandshakePair();
        pair.Server.HandleCrypto(EncryptionLevel.Initial, [1, 0, 0x40, 1]);

        Assert.Equal(QuicErrorCode.CryptoBufferExceeded, pair.Server.Failure!.ErrorCode);
    }

    [Fact] // RFC 8446 §4.4.2.4
    public void A_client_that_sends_no_certificate_where_one_is_required_is_refused()
    {
        var failure = ClientFlightRefusal(HandshakeType.Certificate, message => message.Head = [0, 0, 0, 0]);

        Assert.Equal((byte)AlertDescription.CertificateRequired, failure!.Alert);
    }

    [Fact] // RFC 8446 §4.4.3
    public void A_wrong_signature_of_the_client_is_refused()
    {
        var failure = ClientFlightRefusal(HandshakeType.CertificateVerify, message => message.Head[^1] ^= 1);

        Assert.Equal((byte)AlertDescription.DecryptError, failure!.Alert);
    }

    [Fact] // RFC 8446 §4.4.4
    public void A_wrong_Finished_of_the_client_is_refused()
    {
        var failure = ClientFlightRefusal(HandshakeType.Finished, message => message.Head[0] ^= 1);

        Assert.Equal((byte)AlertDescription.DecryptError, failure!.Alert);
    }

    [Fact] // RFC 9001 §6: QUIC has its own key update; RFC 8446 §4: nothing else may come from a client afterwards
    public void A_KeyUpdate_is_an_unexpected_message()
    {
        using var pair = new HandshakePair().Run();
        pair.Server.HandleCrypto(EncryptionLevel.OneRtt, EditableMessage.Message(HandshakeType.KeyUpdate, 0));

        Assert.Equal((byte)AlertDescription.UnexpectedMessage, pair.Server.Failure!.Alert);
    }

    [Fact] // RFC 9001 §4.1.3: nothing may be left of a level when the next one begins
    public void Data_behind_a_message_that_changes_keys_is_a_protocol_violation()
    {
        using var pair = new HandshakePair { Change = (_, fromClient, data) => fromClient ? [.. data, 1] : data }.Run();

        Assert.Equal(QuicErrorCode.ProtocolViolation, pair.Server.Failure!.ErrorCode);
    }

    [Fact] // RFC 8446 §4: messages out of order
    public void A_message_out_of_order_is_unexpected()
    {
        using var pair = new HandshakePair
        {
            Change = (level, fromClient, data) =>
                fromClient && level is EncryptionLevel.Handshake
                    ? [.. EditableMessage.Split(data).AsEnumerable().Reverse().SelectMany(message => message)]
                    : data,
        }.Run();

        Assert.Equal((byte)AlertDescription.UnexpectedMessage, pair.Server.Failure!.Alert);
    }

    [Fact]
    public void Nothing_is_handled_after_a_failure()
    {
        using var pair = new HandshakePair();
        pair.Server.HandleCrypto(EncryptionLevel.Initial, [20, 0, 0, 0]);
        var failure = pair.Server.Failure;
        pair.Run();

        Assert.Same(failure, pair.Server.Failure);
        Assert.Equal(HandshakeState.InProgress, pair.Client.State);
    }

    private static TlsFailure? Refusal(Action<EditableMessage> edit)
    {
        using var pair = new HandshakePair();
        HandshakePair.Drain(pair.Client).ForEach(output => pair.Server.HandleCrypto(output.Level, Edit(output.Data, edit)));
        return pair.Server.Failure;
    }

    private static TlsFailure? ClientFlightRefusal(HandshakeType type, Action<EditableMessage> edit)
    {
        using var pair = new HandshakePair
        {
            Change = (level, fromClient, data) =>
                fromClient && level is EncryptionLevel.Handshake ? EditableMessage.Edit(data, type, edit) : data,
        }.Run();
        return pair.Server.Failure;
    }

    private static byte[] Edit(byte[] hello, Action<EditableMessage> edit) =>
        EditableMessage.Edit(hello, HandshakeType.ClientHello, edit);

    private static void Suites(EditableMessage hello, params byte[] suites) =>
        hello.Head = [.. hello.Head[..35], 0, (byte)suites.Length, .. suites, 1, 0];

    private static byte[] Break(byte[] data, string rule) => Edit(data, hello =>
    {
        switch (rule[(rule.IndexOf(':', StringComparison.Ordinal) + 2)..])
        {
            case "no cipher suite in common": Suites(hello, 0x13, 0x01, 0x13, 0x02); break;
            case "no group in common": hello[ExtensionType.SupportedGroups] = [0, 2, 0, 0x17]; break;
            case "no signature scheme in common": hello[ExtensionType.SignatureAlgorithms] = [0, 2, 4, 3]; break;
            case "no supported_versions": hello.Remove(ExtensionType.SupportedVersions); break;
            case "supported_versions without TLS 1.3": hello[ExtensionType.SupportedVersions] = [2, 3, 3]; break;
            case "compression offered": hello.Head = [.. hello.Head[..^2], 2, 1, 0]; break;
            case "no supported_groups": hello.Remove(ExtensionType.SupportedGroups); break;
            case "no key_share": hello.Remove(ExtensionType.KeyShare); break;
            case "no signature_algorithms": hello.Remove(ExtensionType.SignatureAlgorithms); break;
            case "pre_shared_key without psk_key_exchange_modes": hello[ExtensionType.PreSharedKey] = [0]; break;
            case "pre_shared_key not last":
                hello[ExtensionType.PreSharedKey] = [0];
                hello[ExtensionType.PskKeyExchangeModes] = [1, 1];
                break;
            case "an extension twice": hello.Extensions.Add(hello.Extensions[0]); break;
            case "two shares for one group":
                var entry = hello[ExtensionType.KeyShare][2..];
                hello[ExtensionType.KeyShare] = [0, 72, .. entry, .. entry];
                break;
            case "a share of the wrong length": hello[ExtensionType.KeyShare] = [0, 35, 0, 0x1d, 0, 31, .. new byte[31]]; break;
            case "a share of small order": hello[ExtensionType.KeyShare] = [0, 36, 0, 0x1d, 0, 32, .. new byte[32]]; break;
            case "no server_certificate_type": hello.Remove(ExtensionType.ServerCertificateType); break;
            case "only X.509 servers": hello[ExtensionType.ServerCertificateType] = [1, 0]; break;
            case "no client_certificate_type": hello.Remove(ExtensionType.ClientCertificateType); break;
            case "no protocol in common":
                hello[ExtensionType.ApplicationLayerProtocolNegotiation] = [0, 3, 2, (byte)'h', (byte)'3'];
                break;
            case "no ALPN": hello.Remove(ExtensionType.ApplicationLayerProtocolNegotiation); break;
            case "no quic_transport_parameters": hello.Remove(ExtensionType.QuicTransportParameters); break;
            case "malformed key_share": hello[ExtensionType.KeyShare] = [0, 3, 0, 0x1d, 0]; break;
            case "malformed supported_groups": hello[ExtensionType.SupportedGroups] = [0, 3, 0, 0x1d, 0]; break;
            case "malformed signature_algorithms": hello[ExtensionType.SignatureAlgorithms] = [0, 0]; break;
            case "malformed supported_versions": hello[ExtensionType.SupportedVersions] = [3, 3, 4]; break;
            case "malformed ALPN": hello[ExtensionType.ApplicationLayerProtocolNegotiation] = [0, 4, 0, 1, 1, 1]; break;
            default: throw new InvalidOperationException(rule);
        }
    });

    private static byte[] Enrich(byte[] data, string extra) => Edit(data, hello =>
    {
        switch (extra)
        {
            case "grease":
                Suites(hello, 0x0a, 0x0a, 0x13, 0x03);
                hello.Extensions.Insert(0, (0x1a1a, []));
                hello.Extensions.Add((0x2a2a, [0]));
                hello[ExtensionType.SupportedGroups] = [0, 4, 0x3a, 0x3a, 0, 0x1d];
                hello[ExtensionType.SupportedVersions] = [4, 0x4a, 0x4a, 3, 4];
                break;
            case "other suites": Suites(hello, 0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2f); break;
            case "other shares":
                var entry = hello[ExtensionType.KeyShare][2..];
                hello[ExtensionType.KeyShare] = [0, 46, 0x5a, 0x5a, 0, 1, 0, .. entry, 0, 0x17, 0, 1, 4];
                break;
            case "pre-shared key and early data":
                hello[ExtensionType.EarlyData] = [];
                hello[ExtensionType.PskKeyExchangeModes] = [1, 1];
                hello[ExtensionType.PreSharedKey] = [0, 1, 2, 3];
                break;
            case "many unknown extensions":
                for (ushort i = 0x8000; i < 0x8B00; i++) { hello.Extensions.Add((i, [])); }
                break;
            case "both certificate types":
                hello[ExtensionType.ServerCertificateType] = [2, 0, 2];
                hello[ExtensionType.ClientCertificateType] = [3, 0, 2, 1];
                break;
            case "other protocols":
                hello[ExtensionType.ApplicationLayerProtocolNegotiation] = [0, 10, 2, (byte)'h', (byte)'3', 6, .. "coco/1"u8];
                break;
            default: throw new InvalidOperationException(extra);
        }
    });
}
