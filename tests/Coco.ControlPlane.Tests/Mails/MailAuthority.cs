using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coco.ControlPlane.Tests.Mails;

/// <summary>An authority that no system knows, and the certificate of a mail server at <c>localhost</c> that it signed.</summary>
internal sealed class MailAuthority
{
    public MailAuthority(string name = "localhost")
    {
        var now = DateTimeOffset.UtcNow;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Coco test authority " + Guid.NewGuid().ToString("n"), rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost") { names.AddIpAddress(IPAddress.Loopback); }
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
        using var leaf = request.Create(root, now.AddHours(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        (AuthorityPem, CertificatePem, KeyPem) = (root.ExportCertificatePem(), leaf.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public string AuthorityPem { get; }

    public string CertificatePem { get; }

    public string KeyPem { get; }
}
