using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Quic.Tls;
using X509Request = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Coco.Interop.Tests.GnuTls;

/// <summary>The X.509 mode, which the interop programs use against QUIC stacks, met by GnuTLS over TCP first.</summary>
public sealed class X509ModeTests : IDisposable
{
    private const string Priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305";

    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(20));

    private CancellationToken Deadline => _deadline.Token;

    public void Dispose() => _deadline.Dispose();

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public async Task Our_client_believes_the_certificate_it_pins(string keyType)
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        var mode = new X509ForTests { Accept = X509ForTests.Pin(gnutls.CreateCertificate(keyType)), ServerName = "localhost" };
        using var handshake = new ClientHandshake(Options(mode), RandomSource.System, null, default, []);
        var socket = await gnutls.StartServerAsync(Priority, Deadline, "--alpn", "coco/1", "--disable-client-cert");
        using var connection = new TlsOverTcp(handshake, socket);
        await connection.HandshakeAsync(Deadline);

        Assert.True(handshake.Failure is null, handshake.Failure?.Reason + gnutls.Output);
        await connection.SendAsync("hello\n"u8.ToArray(), Deadline);
        Assert.Equal("hello\n", Encoding.ASCII.GetString(await connection.ReceiveAsync(6, Deadline)));
    }

    [Fact]
    public async Task A_GnuTLS_client_believes_our_P_256_certificate()
    {
        GnuTlsProcess.SkipIfMissing();
        using var gnutls = new GnuTlsProcess();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new X509Request("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(99));
        using var handshake = new ServerHandshake(
            Options(new() { Credentials = [new X509Credential([certificate.RawData], key)] }), RandomSource.System, [], []);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        gnutls.StartClient(((IPEndPoint)listener.LocalEndpoint).Port, Priority, "hello\n", "--alpn", "coco/1");
        using var connection = new TlsOverTcp(handshake, await listener.AcceptSocketAsync(Deadline));
        await connection.HandshakeAsync(Deadline);

        Assert.True(handshake.Failure is null, handshake.Failure?.Reason + gnutls.Output);
        Assert.Equal("hello\n", Encoding.ASCII.GetString(await connection.ReceiveAsync(6, Deadline)));
        await gnutls.ExpectAsync("(ECDSA-SECP256R1-SHA256)-(CHACHA20-POLY1305)", Deadline);
    }

    private static TlsOptions Options(X509ForTests mode) => new()
    {
        X509 = mode,
        RequireTransportParameters = false,
        ClientAuthentication = ClientAuthentication.None,
    };
}
