using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.Quic.Tls;
using X509Request = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Coco.Quic.Tests.Tls;

public sealed class X509ForTestsTests : IDisposable
{
    private readonly ECDsa _p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _p256.Dispose();

    [Theory]
    [InlineData("p256")]
    [InlineData("ed25519")]
    public void A_server_with_a_certificate_is_believed_by_a_client_that_pins_it(string kind)
    {
        var (credential, leaf) = Create(kind);
        using var pair = Pair([credential], X509ForTests.Pin(leaf)).Run();

        Assert.Null(pair.Client.Failure);
        Assert.Null(pair.Server.Failure);
        Assert.Equal(HandshakeState.Complete, pair.Server.State);
        Assert.True(pair.SecretsAgree(out var count) && count == 4);
        Assert.Equal("localhost", pair.Server.ServerName);
    }

    [Fact] // RFC 8446 §4.4.2.2
    public void The_signature_algorithms_of_the_client_choose_the_certificate()
    {
        var (ed25519, _) = Create("ed25519");
        var (p256, leaf) = Create("p256");
        using var pair = Pair([ed25519, p256], X509ForTests.Pin(leaf));
        pair.Server.HandleCrypto(Coco.Quic.Packets.EncryptionLevel.Initial, EditableMessage.Edit(
            HandshakePair.Drain(
                pair.Client).Single().Data, HandshakeType.ClientHello, m => m[ExtensionType.SignatureAlgorithms] = [0, 2, 4, 3]));
        var flight = EditableMessage.Split(HandshakePair.Drain(pair.Server)[1].Data);

        Assert.Equal([4, 3], flight.Single(message => message[0] == (byte)HandshakeType.CertificateVerify)[4..6]);
    }

    [Fact]
    public void A_client_that_pins_another_certificate_refuses()
    {
        using var pair = Pair([Create("p256").Credential], X509ForTests.Pin(Create("ed25519").Leaf)).Run();

        Assert.Equal((byte)AlertDescription.CertificateUnknown, pair.Client.Failure!.Alert);
    }

    [Fact]
    public void A_certificate_that_is_none_is_refused_without_an_exception()
    {
        using var pair = Pair([new X509Credential([[0x30, 0x03, 1, 2, 3]], HandshakePair.ServerKey)], static _ => true).Run();

        Assert.Equal((byte)AlertDescription.DecryptError, pair.Client.Failure!.Alert);
    }

    [Fact]
    public void A_certificate_for_another_key_is_refused()
    {
        var (_, leaf) = Create("p256");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var pair = Pair([new X509Credential([leaf], other)], static _ => true).Run();

        Assert.Equal((byte)AlertDescription.DecryptError, pair.Client.Failure!.Alert);
    }

    private static HandshakePair Pair(X509Credential[] credentials, Func<byte[], bool> accept) => new(
        new() { X509 = new() { Accept = accept, ServerName = "localhost" } },
        new() { X509 = new() { Credentials = credentials }, ClientAuthentication = ClientAuthentication.None });

    private (X509Credential Credential, byte[] Leaf) Create(string kind)
    {
        var name = new X500DistinguishedName("CN=localhost");
        var (from, to) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(99));
        if (kind == "p256")
        {
            using var certificate = new X509Request(name, _p256, HashAlgorithmName.SHA256)
                .CreateSelfSigned(from, to);
            return (new([certificate.RawData], _p256), certificate.RawData);
        }

        var generator = new Ed25519Generator();
        var request = new X509Request(name, generator.PublicKey, HashAlgorithmName.SHA256);
        using var own = request.Create(name, generator, from, to, [1, 2, 3]);
        return (new([own.RawData], HandshakePair.ServerKey), own.RawData);
    }

    /// <summary>Signs a certificate with an identity key (RFC 8410), which the platform does not do by itself.</summary>
    private sealed class Ed25519Generator : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            var signature = new byte[64];
            HandshakePair.ServerKey.Sign(data, signature);
            return signature;
        }

        protected override PublicKey BuildPublicKey()
        {
            var key = new byte[32];
            HandshakePair.ServerKey.Id.CopyTo(key);
            return new(new Oid("1.3.101.112"), null, new AsnEncodedData(key));
        }
    }
}
