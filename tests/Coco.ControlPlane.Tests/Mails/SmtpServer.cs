using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using MimeKit;

namespace Coco.ControlPlane.Tests.Mails;

/// <summary>npm <c>smtp-server</c>, an implementation of the other side by others, as a process of its own (<c>npm/server.mjs</c>).</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    // Chosen: several times what starting it takes where others build.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly SemaphoreSlim Installing = new(1);

    private readonly Process _process;
    private readonly Channel<Received> _mails = Channel.CreateUnbounded<Received>();
    private readonly Task _reading;
    private bool _isDisposed;

    private SmtpServer(Process process, int port)
    {
        (_process, Port) = (process, port);
        _reading = Task.Run(ReadAsync);
    }

    public int Port { get; }

    /// <summary>How many have tried to sign in.</summary>
    public int SignIns { get; private set; }

    // Below artifacts/, which git ignores, and kept between runs.
    private static string Folder => Path.Combine(NodeProgram.Repository, "artifacts", "interop", "smtp-server");

    /// <summary>Starts one; skips the test where it cannot be had.</summary>
    /// <param name="options">What <c>server.mjs</c> says.</param>
    public static async Task<SmtpServer> StartAsync(object options)
    {
        NodeProgram.Require("node");
        NodeProgram.Require("npm");
        var problem = await InstallAsync();
        Assert.SkipUnless(problem.Length == 0, $"NOT TESTED: npm could not install smtp-server in {Folder}: {problem}");
        var start = new ProcessStartInfo("node", ["server.mjs", JsonSerializer.Serialize(options)])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Folder,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        using var first = JsonDocument.Parse(line ?? throw new InvalidOperationException("The mail server ended instead of serving."));
        return new(process, first.RootElement.GetProperty("port").GetInt32());
    }

    /// <summary>The next mail, in the order in which they came.</summary>
    public Task<Received> NextAsync() => _mails.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>The mails that are here.</summary>
    public IReadOnlyList<Received> TakeAll()
    {
        var all = new List<Received>();
        while (_mails.Reader.TryRead(out var mail)) { all.Add(mail); }
        return all;
    }

    /// <summary>This one and those that are here.</summary>
    public IReadOnlyList<Received> TakeAllAfter(Received first) => [first, .. TakeAll()];

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) { _process.Kill(); }
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var told = JsonDocument.Parse(line);
            if (!told.RootElement.TryGetProperty("mail", out var mail))
            {
                SignIns++;
                continue;
            }
            var text = mail.GetProperty("text").GetBytesFromBase64();
            using var stream = new MemoryStream(text);
            _mails.Writer.TryWrite(new(
                mail.GetProperty("from").GetString()!, [.. mail.GetProperty("to").EnumerateArray().Select(static one => one.GetString()!)], await MimeMessage.LoadAsync(stream), Encoding.UTF8.GetString(text),
                mail.GetProperty("secure").GetBoolean(), mail.GetProperty("user").GetString(), mail.GetProperty("connection").GetString()!, mail.GetProperty("name").GetString()!));
        }
        _mails.Writer.TryComplete();
    }

    private static async Task<string> InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            Directory.CreateDirectory(Folder);
            foreach (var file in Directory.GetFiles(Path.Combine(NodeProgram.Repository, "tests", "Coco.ControlPlane.Tests", "Mails", "npm"))) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true); }
            if (Directory.Exists(Path.Combine(Folder, "node_modules", "smtp-server"))) { return ""; }
            var (code, output, errors) = await NodeProgram.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder, "");
            return code == 0 ? "" : output + errors;
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>A mail that it has.</summary>
    /// <param name="From">The sender of the envelope.</param>
    /// <param name="To">The recipients of the envelope.</param>
    /// <param name="Message">The mail.</param>
    /// <param name="Text">The mail as it came.</param>
    /// <param name="IsSecure">Whether it came by TLS.</param>
    /// <param name="User">Who had signed in.</param>
    /// <param name="Connection">The connection's name.</param>
    /// <param name="Client">What the client calls itself.</param>
    internal sealed record Received(string From, string[] To, MimeMessage Message, string Text, bool IsSecure, string? User, string Connection, string Client);
}
