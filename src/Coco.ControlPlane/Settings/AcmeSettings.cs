using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.ControlPlane.Mails;

namespace Coco.ControlPlane.Settings;

/// <summary>The certificate that a certificate authority gives by itself (ACME, RFC 8555), and renews; none where <see cref="Domains"/> is empty.</summary>
internal sealed record AcmeSettings
{
    /// <summary>Challenge by a handshake on the port of HTTPS, which the authority must reach as port 443 (RFC 8737).</summary>
    public const string TlsAlpn = "tls-alpn-01";

    /// <summary>Challenge by a file, which the authority must reach on port 80 (RFC 8555 §8.3).</summary>
    public const string Http = "http-01";

    /// <summary>Names that one certificate may have; what Let's Encrypt takes.</summary>
    private const int MaxDomains = 100;

    /// <summary>The names that the certificate is for, those of <c>PublicUrl</c> and <c>Relaying.Url</c> among them. At most 100, without wildcards. Default none.</summary>
    public string[] Domains { get; init; } = [];

    /// <summary>Where the authority writes when something is wrong with the certificate; nowhere by default.</summary>
    public string? Email { get; init; }

    /// <summary>The authority's directory. Default Let's Encrypt's.</summary>
    public string Directory { get; init; } = "https://acme-v02.api.letsencrypt.org/directory";

    /// <summary>Whether you have read the authority's terms of service and agree to them. Nobody can do that for you: default false.</summary>
    public bool AgreesToTerms { get; init; }

    /// <summary>A PEM file of the roots by which the directory's own TLS is verified, in the place of the system's: for an authority of one's own. Default the system's.</summary>
    public string? RootFile { get; init; }

    /// <summary>How the names are shown to be ours: <c>tls-alpn-01</c>, by the port of HTTPS alone, or <c>http-01</c>, by port 80. Default <c>tls-alpn-01</c>.</summary>
    public string Challenge { get; init; } = TlsAlpn;

    /// <summary>The id of the account that one has with the authority by other means, where it asks for that (RFC 8555 §7.3.4); none by default.</summary>
    public string? ExternalAccount { get; init; }

    /// <summary>The file of that account's key, in base64url as the authority gave it.</summary>
    public string? ExternalAccountKeyFile { get; init; }

    /// <summary>Whether a certificate is asked for.</summary>
    public bool IsOn => Domains.Length > 0;

    public IEnumerable<string> Validate(ControlPlaneSettings all)
    {
        if (!IsOn)
        {
            if (AgreesToTerms || Email is not null) { yield return "Acme.Domains names no domain: name those that the certificate is for."; }
            yield break;
        }
        if (Domains.Length > MaxDomains) { yield return $"Acme.Domains: a certificate has at most {MaxDomains.ToString(CultureInfo.InvariantCulture)} names."; }
        foreach (var name in Domains.Where(static name => !IsDomain(name))) { yield return $"Acme.Domains: '{name}' is no domain name, such as control.example. Write it in lower case and ASCII, without a wildcard."; }
        if (Domains.Distinct(StringComparer.Ordinal).Count() < Domains.Length) { yield return "Acme.Domains names a domain twice."; }
        if (!AgreesToTerms) { yield return "Acme.AgreesToTerms: the certificate authority gives certificates to those alone who agree to its terms of service. Read them (its directory names them), then set this to true."; }
        if (Email is not null && !EmailAddress.TryParse(Email, out _)) { yield return $"Acme.Email: '{Email}' is no address of mail."; }
        if (!Uri.TryCreate(Directory, UriKind.Absolute, out var directory) || directory.Scheme != Uri.UriSchemeHttps || directory.UserInfo.Length > 0) { yield return $"Acme.Directory: '{Directory}' is no https:// address."; }
        if (Challenge is not TlsAlpn and not Http) { yield return $"Acme.Challenge is {TlsAlpn} or {Http}."; }
        if (all.CertificateFile is not null) { yield return "CertificateFile and Acme.Domains exclude each other: the certificate is given or asked for."; }
        if (!all.Listen.Any(static text => text.StartsWith("https:", StringComparison.Ordinal))) { yield return "Acme.Domains: no https:// address is in Listen, so that there is nowhere to show a certificate."; }
        if (Challenge == Http && !all.Listen.Any(static text => text.StartsWith("http:", StringComparison.Ordinal))) { yield return "Acme.Challenge: http-01 is answered by HTTP without TLS, and no http:// address is in Listen. Add one that is reached as port 80, or use tls-alpn-01."; }
        foreach (var wrong in ValidateFiles()) { yield return wrong; }
    }

    private IEnumerable<string> ValidateFiles()
    {
        if ((ExternalAccount is null) != (ExternalAccountKeyFile is null)) { yield return "Acme.ExternalAccount and Acme.ExternalAccountKeyFile go together."; }
        if (ExternalAccountKeyFile is { } key && !File.Exists(key)) { yield return $"Acme.ExternalAccountKeyFile: there is no file {key}."; }
        if (RootFile is { } file && !HasCertificates(file)) { yield return $"Acme.RootFile: {file} is no file of certificates in PEM."; }
    }

    /// <summary>A name of at least two labels, as certificate authorities take them (RFC 1035 §2.3.1, RFC 5280 §4.2.1.6).</summary>
    private static bool IsDomain(string name)
    {
        var labels = name.Split('.');
        return name.Length <= 253 && labels.Length > 1 && !labels[^1].All(char.IsAsciiDigit) && labels.All(static label =>
            label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'));
    }

    private static bool HasCertificates(string file)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(file);
            return found.Count > 0;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
