using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Certificates;

/// <summary>The certificate that this instance shows, by HTTPS and by the relay's WebSockets: each new connection is shown the newest.</summary>
internal sealed class CertificateInUse
{
    private volatile SslStreamCertificateContext? _context;

    private CertificateInUse(SslStreamCertificateContext? context) => _context = context;

    /// <summary>The certificate with its chain; null where no address is one of HTTPS and none was given.</summary>
    public SslStreamCertificateContext? Context => _context;

    /// <summary>What is wrong with it, in words for a load balancer's page; null when nothing is.</summary>
    public string? Problem { get; set; }

    /// <summary>The given one, or one signed by itself: until an authority has given one, and where none is asked.</summary>
    /// <exception cref="IOException">The files cannot be used.</exception>
    public static CertificateInUse For(ControlPlaneSettings settings)
    {
        if (settings.CertificateFile is { } file) { return new(LoadFiles(file, settings.CertificateKeyFile!)); }
        return new(settings.Listen.Any(static text => text.StartsWith("https:", StringComparison.Ordinal)) ? SignItself(settings) : null);
    }

    /// <summary>Shows another from now on. The old one is not disposed of: handshakes may be using it.</summary>
    public void Use(SslStreamCertificateContext context) => _context = context;

    /// <summary>A certificate from two files.</summary>
    /// <exception cref="IOException">They cannot be used.</exception>
    public static SslStreamCertificateContext LoadFiles(string chain, string key)
    {
        try
        {
            return Load(File.ReadAllText(chain), File.ReadAllText(key));
        }
        catch (CryptographicException exception)
        {
            throw new IOException($"{chain} and {key} are no certificate and its key in PEM: {exception.Message}", exception);
        }
    }

    /// <summary>A certificate from text in PEM, with those between it and its root.</summary>
    /// <exception cref="CryptographicException">It is none, or they do not belong together.</exception>
    public static SslStreamCertificateContext Load(string chain, string key)
    {
        var others = new X509Certificate2Collection();
        others.ImportFromPem(chain);
        if (others.Count == 0) { throw new CryptographicException("There is no certificate in it."); }
        others[0].Dispose();
        others.RemoveAt(0);
        using var own = X509Certificate2.CreateFromPem(chain, key);
        return Make(own, others);
    }

    /// <summary>A certificate with its key, as TLS takes it.</summary>
    public static SslStreamCertificateContext Make(X509Certificate2 own, X509Certificate2Collection? others) =>
        // Windows takes no certificate for TLS whose key was never in a file. Nothing is asked of the network: what the chain lacks, it lacks.
        SslStreamCertificateContext.Create(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null), others, offline: true);

    private static SslStreamCertificateContext SignItself(ControlPlaneSettings settings)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=coco-control", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(settings.PublicUrl is { } url ? new Uri(url).Host : "localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        return Make(made, null);
    }
}
