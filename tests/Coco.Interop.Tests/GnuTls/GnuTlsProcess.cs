using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coco.Crypto;

namespace Coco.Interop.Tests.GnuTls;

/// <summary>gnutls-cli or gnutls-serv with an Ed25519 raw key of its own, in a directory of its own.</summary>
internal sealed class GnuTlsProcess : IDisposable
{
    /// <summary>The raw-key profile in GnuTLS's words.</summary>
    public const string RawKeyProfile =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519:" +
        "-CTYPE-ALL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("coco-gnutls");
    private readonly StringBuilder _output = new();
    private Process? _process;

    public GnuTlsProcess()
    {
        Run("certtool", "--generate-privkey", "--key-type", "ed25519", "--outfile", KeyFile);
        Run("certtool", "--load-privkey", KeyFile, "--pubkey-info", "--outfile", PublicKeyFile);
        Id = NodeId.Read(PublicKeyInfo().AsSpan(^NodeId.Size..));
    }

    public NodeId Id { get; }

    public string Output
    {
        get { lock (_output) { return _output.ToString(); } }
    }

    public string KeyFile => Path.Combine(_directory.FullName, "key.pem");

    public string PublicKeyFile => Path.Combine(_directory.FullName, "public.pem");

    private string CertificateFile => Path.Combine(_directory.FullName, "certificate.pem");

    /// <summary>Ends the test as skipped where GnuTLS is not installed.</summary>
    public static void SkipIfMissing()
    {
        string[] programs = ["gnutls-cli", "gnutls-serv", "certtool"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var missing = programs.Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))).ToList();
        Assert.SkipUnless(missing.Count == 0, $"{string.Join(", ", missing)} not found: apt-get install gnutls-bin");
    }

    public void StartClient(int port, string priority, string input, params string[] more)
    {
        StartProcess(
            "gnutls-cli",
            ["-p", $"{port}", "127.0.0.1", "--insecure", "--priority", priority, .. Credentials(priority), .. more]);
        _process!.StandardInput.Write(input);
        _process.StandardInput.Flush();
    }

    /// <summary>Starts an echo server on a free port and returns a connection to it.</summary>
    public async Task<Socket> StartServerAsync(string priority, CancellationToken cancellationToken, params string[] more)
    {
        var port = FreePort();
        StartProcess("gnutls-serv", ["--port", $"{port}", "--echo", "--priority", priority, .. Credentials(priority), .. more]);
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return socket;
            }
            catch (SocketException) when (!_process!.HasExited)
            {
                // It is not listening yet. Only another attempt shows when it is.
                socket.Dispose();
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    /// <summary>Waits for a line of its output; the whole output is in the failure.</summary>
    public async Task ExpectAsync(string text, CancellationToken cancellationToken)
    {
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(cancellationToken.IsCancellationRequested, $"no '{text}' in:\n{Output}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
            _process.WaitForExit();
            _process.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    /// <summary>
    /// Makes a self-signed certificate for a key of the given type and returns it in DER; servers then present it.
    /// </summary>
    public byte[] CreateCertificate(string keyType)
    {
        var template = Path.Combine(_directory.FullName, "template");
        File.WriteAllText(template, "cn = localhost\nexpiration_days = 7\nsigning_key\n");
        Run(
            "certtool", "--generate-privkey", "--key-type", keyType, "--outfile", KeyFile);
        Run(
            "certtool", "--generate-self-signed", "--load-privkey", KeyFile,
            "--template", template, "--outfile", CertificateFile);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(CertificateFile);
        return certificate.RawData;
    }

    private string[] Credentials(string priority)
    {
        if (priority.Contains("RAWPK", StringComparison.Ordinal))
        {
            return ["--rawpkkeyfile", KeyFile, "--rawpkfile", PublicKeyFile];
        }
        return File.Exists(CertificateFile) ? ["--x509keyfile", KeyFile, "--x509certfile", CertificateFile] : [];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }

    private void StartProcess(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        lock (_output) { _output.AppendLine(line); }
    }

    private byte[] PublicKeyInfo()
    {
        var text = File.ReadAllText(PublicKeyFile);
        var from = text.IndexOf("-----BEGIN PUBLIC KEY-----", StringComparison.Ordinal) + "-----BEGIN PUBLIC KEY-----".Length;
        return Convert.FromBase64String(text[from..text.IndexOf("-----END", StringComparison.Ordinal)]);
    }
}
