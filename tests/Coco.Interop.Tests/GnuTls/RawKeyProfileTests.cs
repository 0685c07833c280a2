using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Crypto;
using Coco.Quic.Tls;

namespace Coco.Interop.Tests.GnuTls;

/// <summary>The raw-key profile itself, met by a foreign stack: GnuTLS over TCP, as client and as server.</summary>
public sealed class RawKeyProfileTests : IDisposable
{
    private static readonly TlsOptions OverTcp = new() { RequireTransportParameters = false, RequireServerNameToken = false };

    private readonly IdentityKey _identity = IdentityKey.Generate();
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(20));

    private CancellationToken Deadline => _deadline.Token;

    public void Dispose()
    {
        _identity.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Our_client_and_a_GnuTLS_server_prove_their_keys_to_each_other_and_talk()
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        using var handshake = new ClientHandshake(OverTcp, RandomSource.System, _identity, gnutls.Id, []);
        var socket = await gnutls.StartServerAsync(
            GnuTlsProcess.RawKeyProfile, Deadline, "--alpn", "coco/1", "--alpn-fatal", "--require-client-cert",
            "--keymatexport", "EXPORTER-coco", "--keymatexportsize", "40");
        using var connection = new TlsOverTcp(handshake, socket);
        await connection.HandshakeAsync(Deadline);
        await connection.SendAsync("hello\n"u8.ToArray(), Deadline);
        var echo = await connection.ReceiveAsync(6, Deadline);

        Assert.Null(handshake.Failure);
        Assert.Equal("hello\n", Encoding.ASCII.GetString(echo));
        Assert.Equal(gnutls.Id, handshake.PeerId);
        await gnutls.ExpectAsync("(TLS1.3-Raw Public Key)-(ECDHE-X25519)-(EdDSA-Ed25519)-(CHACHA20-POLY1305)", Deadline);
        await gnutls.ExpectAsync(Convert.ToBase64String(PublicKeyInfo()), Deadline);
        await gnutls.ExpectAsync(Export(handshake), Deadline);
    }

    [Theory]
    [InlineData(GnuTlsProcess.RawKeyProfile)]
    [InlineData(Everything)]
    public async Task A_GnuTLS_client_and_our_server_prove_their_keys_to_each_other_and_talk(string priority)
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        var (handshake, connection) = await ServeAsync(
            gnutls, priority, "--alpn", "coco/1", "--keymatexport", "EXPORTER-coco", "--keymatexportsize", "40");
        using (handshake)
        using (connection)
        {
            var request = await connection.ReceiveAsync(6, Deadline);
            await connection.SendAsync("welcome\n"u8.ToArray(), Deadline);

            Assert.Null(handshake.Failure);
            Assert.Equal("hello\n", Encoding.ASCII.GetString(request));
            Assert.Equal(gnutls.Id, handshake.PeerId);
            await gnutls.ExpectAsync("welcome", Deadline);
            await gnutls.ExpectAsync(Export(handshake), Deadline);
        }
    }

    [Fact] // RFC 8446 §4.1.4
    public async Task A_GnuTLS_client_whose_only_share_is_for_another_group_is_asked_for_ours()
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        const string P256First = GnuTlsProcess.RawKeyProfile + ":-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519";
        var (handshake, connection) = await ServeAsync(gnutls, P256First, "--alpn", "coco/1", "--single-key-share");
        using (handshake)
        using (connection)
        {
            Assert.Null(handshake.Failure);
            Assert.Equal("hello\n", Encoding.ASCII.GetString(await connection.ReceiveAsync(6, Deadline)));
        }
    }

    [Theory]
    [InlineData("-CIPHER-ALL:+AES-128-GCM", "coco/1", 40, "0x1301")]
    [InlineData("-GROUP-ALL:+GROUP-SECP256R1", "coco/1", 40, "0x0017")]
    [InlineData("-CTYPE-ALL:+CTYPE-X509", "coco/1", 43, "raw public keys")]
    [InlineData("-VERS-ALL:+VERS-TLS1.2:+ECDHE-ECDSA", "coco/1", 70, "TLS 1.3")]
    [InlineData("-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256", "coco/1", 40, "0x0403")]
    [InlineData("", "h3", 120, "h3")]
    public async Task A_GnuTLS_client_with_another_offer_is_refused_by_the_right_alert(
        string change, string alpn, int alert, string reason)
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        var (handshake, connection) = await ServeAsync(
            gnutls, $"{GnuTlsProcess.RawKeyProfile}:{change}".TrimEnd(':'), "--alpn", alpn);
        using (handshake)
        using (connection)
        {
            Assert.Equal((byte)alert, handshake.Failure!.Alert);
            Assert.Contains(reason, handshake.Failure.Reason, StringComparison.Ordinal);
            await gnutls.ExpectAsync("Received alert", Deadline);
        }
    }

    [Fact]
    public async Task A_GnuTLS_server_with_another_key_than_expected_gets_an_alert()
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        using var handshake = new ClientHandshake(OverTcp, RandomSource.System, _identity, _identity.Id, []);
        var socket = await gnutls.StartServerAsync(
            GnuTlsProcess.RawKeyProfile, Deadline, "--alpn", "coco/1", "--require-client-cert");
        using var connection = new TlsOverTcp(handshake, socket);
        await connection.HandshakeAsync(Deadline);

        Assert.Equal((byte)AlertDescription.CertificateUnknown, handshake.Failure!.Alert);
        await gnutls.ExpectAsync("alert", Deadline);
    }

    private const string Everything =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+GROUP-ALL:-CTYPE-ALL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK:+CTYPE-CLI-X509:+CTYPE-SRV-X509";

    private async Task<(ServerHandshake Handshake, TlsOverTcp Connection)> ServeAsync(
        GnuTlsProcess gnutls, string priority, params string[] more)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        gnutls.StartClient(((IPEndPoint)listener.LocalEndpoint).Port, priority, "hello\n", more);
        var handshake = new ServerHandshake(OverTcp, RandomSource.System, [_identity], []);
        var connection = new TlsOverTcp(handshake, await listener.AcceptSocketAsync(Deadline));
        await connection.HandshakeAsync(Deadline);
        return (handshake, connection);
    }

    private static string Export(TlsHandshake handshake)
    {
        var material = new byte[40];
        Assert.True(handshake.TryExport("EXPORTER-coco"u8, [], material));
        return Convert.ToHexStringLower(material);
    }

    private byte[] PublicKeyInfo()
    {
        var info = new byte[RawPublicKey.Length];
        RawPublicKey.Write(_identity.Id, info);
        return info;
    }
}
