using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.Quic.Tls;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Coco.Interop.Tests.Processes;

/// <summary>A certificate for localhost that signs itself, with its key: for us, and in PEM files for a foreign stack.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("coco-certificate");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

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

    public byte[] Der { get; }

    public string KeyFile => Path.Combine(_directory.FullName, "key.pem");

    public string CertificateFile => Path.Combine(_directory.FullName, "certificate.pem");

    public X509Credential Credential => new([Der], _key);

    public void Dispose()
    {
        _key.Dispose();
        _directory.Delete(recursive: true);
    }
}
