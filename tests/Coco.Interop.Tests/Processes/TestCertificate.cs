using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.Crypto;
using Coco.Quic.Tls;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Coco.Interop.Tests.Processes;

/// <summary>A certificate for localhost that signs itself, with its key: for us, and in PEM files for a foreign stack.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("coco-certificate");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IdentityKey? _ed25519;

    /// <param name="padding">Bytes that make the certificate longer than it need be.</param>
    public TestCertificate(int padding = 0)
    {
        var request = new CertificateRequest("CN=localhost", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        if (padding > 0) { request.CertificateExtensions.Add(new(new Oid("1.3.6.1.4.1.99999.1"), RandomNumberGenerator.GetBytes(padding), critical: false)); }
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        Der = certificate.RawData;
        File.WriteAllText(KeyFile, _key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
    }

    private TestCertificate(ReadOnlySpan<byte> seed)
    {
        // .NET makes no Ed25519 certificates, and OpenSSL's program does. The key is ours to choose.
        ReadOnlySpan<byte> prefix = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]; // RFC 8410 §7
        File.WriteAllText(KeyFile, PemEncoding.WriteString("PRIVATE KEY", [.. prefix, .. seed]));
        string[] arguments = ["req", "-x509", "-key", KeyFile, "-out", CertificateFile, "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
        using var openssl = Process.Start(new ProcessStartInfo("openssl", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var errors = openssl.StandardError.ReadToEnd();
        openssl.WaitForExit();
        Assert.True(openssl.ExitCode == 0, errors);
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(CertificateFile));
        Der = certificate.RawData;
        _ed25519 = IdentityKey.FromSeed(seed);
    }

    public byte[] Der { get; }

    public string KeyFile => Path.Combine(_directory.FullName, "key.pem");

    public string CertificateFile => Path.Combine(_directory.FullName, "certificate.pem");

    public X509Credential Credential => _ed25519 is null ? new([Der], _key) : new([Der], _ed25519);

    public static TestCertificate Ed25519() => new(RandomNumberGenerator.GetBytes(32));

    public void Dispose()
    {
        _key.Dispose();
        _ed25519?.Dispose();
        _directory.Delete(recursive: true);
    }
}
