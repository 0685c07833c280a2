using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coco.Transport.Links;

/// <summary>A certificate for TLS to be spoken with, for relays that have none. It proves nothing and is asked for nothing.</summary>
internal static class RelayCertificate
{
    public static X509Certificate2 Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        // Windows takes no certificate for TLS whose key was never in a file.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
    }
}
