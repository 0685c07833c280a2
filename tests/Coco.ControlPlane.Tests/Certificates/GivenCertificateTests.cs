using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.ControlPlane.Certificates;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Certificates;

public sealed class GivenCertificateTests
{
    [Fact]
    public async Task Files_are_shown_with_their_chain_and_again_when_they_were_replaced_and_one_that_is_none_changes_nothing()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Sign("root", rootKey, null, isAuthority: true);
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var between = Sign("between", betweenKey, root, isAuthority: true);
        var folder = Directory.CreateTempSubdirectory("coco-certificate-").FullName;
        try
        {
            var (chain, key) = (Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"));
            var first = Write();
            var port = Pebble.FreePort();
            await using var plane = await TestPlane.StartAsync(change: settings => settings with
            {
                Listen = [settings.Listen[0], string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}")], CertificateFile = chain, CertificateKeyFile = key,
            });
            Assert.Equal((first, true), await Pebble.LookAsync(port, "control.example", root));
            var watch = plane.Host.Services.GetRequiredService<CertificateWatch>();

            await File.WriteAllTextAsync(chain, "nothing");
            File.SetLastWriteTimeUtc(chain, DateTime.UtcNow.AddMinutes(1));
            await watch.LookAsync(default);
            Assert.Equal((first, true), await Pebble.LookAsync(port, "control.example", root));
            Assert.Contains(plane.Log.Lines, static line => line.Contains("no certificate and its key", StringComparison.Ordinal));

            var second = Write();
            File.SetLastWriteTimeUtc(chain, DateTime.UtcNow.AddMinutes(2));
            await watch.LookAsync(default);
            Assert.NotEqual(first, second);
            Assert.Equal((second, true), await Pebble.LookAsync(port, "control.example", root));

            string Write()
            {
                using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                using var certificate = Sign("control.example", own, between, isAuthority: false);
                File.WriteAllText(chain, certificate.ExportCertificatePem() + "\n" + between.ExportCertificatePem());
                File.WriteAllText(key, own.ExportPkcs8PrivateKeyPem());
                return certificate.Thumbprint;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static X509Certificate2 Sign(string name, ECDsa key, X509Certificate2? issuer, bool isAuthority)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var (begins, ends) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        if (issuer is null) { return request.CreateSelfSigned(begins, ends); }
        using var signed = request.Create(issuer, new(issuer.NotBefore.ToUniversalTime()), new(issuer.NotAfter.ToUniversalTime()), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
