using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Coco.ControlPlane.Tests.Certificates;

/// <summary>A certificate authority on loopback (Let's Encrypt's for tests), and a server of names that leads all names here.</summary>
internal sealed class Pebble : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-pebble-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly string _options;
    private readonly int _nonceRejections;
    private readonly StringBuilder _said = new();
    private Process? _names;
    private Process? _authority;

    private Pebble(string options, int nonceRejections)
    {
        (_options, _nonceRejections) = (options, nonceRejections);
        (TlsPort, HttpPort, Port, Management, Names, NamesManagement) = (FreePort(), FreePort(), FreePort(), FreePort(), FreePort(), FreePort());
        Directory.CreateDirectory(_folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(RootFile, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Where it looks for challenges of TLS.</summary>
    public int TlsPort { get; }

    /// <summary>Where it looks for challenges of HTTP.</summary>
    public int HttpPort { get; }

    public string DirectoryUrl => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Port}/dir");

    /// <summary>The root of its own TLS.</summary>
    public string RootFile => Path.Combine(_folder, "cert.pem");

    /// <summary>All that it told.</summary>
    public string Said
    {
        get
        {
            lock (_said) { return _said.ToString(); }
        }
    }

    private int Port { get; }

    private int Management { get; }

    private int Names { get; }

    private int NamesManagement { get; }

    /// <summary>Starts one; skips the test where it is not installed.</summary>
    /// <param name="options">Further members of its settings, in JSON, each behind a comma.</param>
    /// <param name="nonceRejections">How many of a hundred good nonces it takes for bad ones.</param>
    public static async Task<Pebble> StartAsync(string options = "", int nonceRejections = 5)
    {
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static folder => File.Exists(Path.Combine(folder, "pebble")));
        if (!isThere && Environment.GetEnvironmentVariable("CI") == "true") { Assert.Fail("pebble is not installed"); }
        Assert.SkipUnless(isThere, "pebble is not installed");
        var made = new Pebble(options, nonceRejections);
        try
        {
            await made.RunAsync();
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, as a new one that knows no accounts, at the same place.</summary>
    public async Task RunAsync()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "config.json"),
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                { "pebble": { "listenAddress": "127.0.0.1:{{Port}}", "managementListenAddress": "127.0.0.1:{{Management}}", "certificate": "{{RootFile}}",
                  "privateKey": "{{_folder}}/key.pem", "httpPort": {{HttpPort}}, "tlsPort": {{TlsPort}}, "ocspResponderURL": ""{{_options}} } }
                """));
        _names ??= Start("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", $"127.0.0.1:{Names}", "-management", $"127.0.0.1:{NamesManagement}", "-http01", "", "-https01", "", "-tlsalpn01", "");
        _authority = Start("pebble", "-strict", "-config", Path.Combine(_folder, "config.json"), "-dnsserver", $"127.0.0.1:{Names}");
        var start = Stopwatch.GetTimestamp();
        while (!await IsOpenAsync(Port) || !await IsOpenAsync(Management) || !await IsOpenAsync(NamesManagement))
        {
            if (_authority.HasExited || _names.HasExited || Stopwatch.GetElapsedTime(start) > Patience) { throw new InvalidOperationException($"The authority did not start: {Said}"); }
            await Task.Delay(20);
        }
    }

    /// <summary>Ends it; who asks finds nobody.</summary>
    public async Task StopAsync()
    {
        if (_authority is not { } authority) { return; }
        authority.Kill();
        await authority.WaitForExitAsync();
        authority.Dispose();
        _authority = null;
    }

    /// <summary>The root that browsers would have, were it a real one.</summary>
    public async Task<X509Certificate2> RootAsync()
    {
        using var http = Connect();
        return X509Certificate2.CreateFromPem(await http.GetStringAsync(new Uri($"https://127.0.0.1:{Management}/roots/0")));
    }

    /// <summary>What a client of a name is shown.</summary>
    /// <param name="port">Where.</param>
    /// <param name="name">Under which name it calls.</param>
    /// <param name="root">The one root that it knows; null for none.</param>
    /// <returns>The certificate's thumbprint, and whether it holds for the client.</returns>
    public static async Task<(string Thumbprint, bool IsGood)> LookAsync(int port, string name, X509Certificate2? root)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var errors = SslPolicyErrors.None;
        await using var tls = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
#pragma warning disable CA5359 // whether it holds is what is asked
            RemoteCertificateValidationCallback = (_, _, _, found) =>
            {
                errors = found;
                return true;
            },
#pragma warning restore CA5359
        };
        if (root is not null) { options.CertificateChainPolicy.CustomTrustStore.Add(root); }
        await tls.AuthenticateAsClientAsync(options);
        return (tls.RemoteCertificate!.GetCertHashString(), errors is SslPolicyErrors.None);
    }

    /// <summary>A client that knows its root.</summary>
    public HttpClient Connect()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(RootFile);
        return new(new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = policy } });
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_names is { } names)
        {
            names.Kill();
            await names.WaitForExitAsync();
            names.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.Environment["PEBBLE_VA_NOSLEEP"] = "1";
        start.Environment["PEBBLE_AUTHZREUSE"] = "0"; // so that each order is validated
        start.Environment["PEBBLE_WFE_NONCEREJECT"] = _nonceRejections.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Keep(string? line)
    {
        lock (_said) { _said.AppendLine(line); }
    }

    private static async Task<bool> IsOpenAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
