using System.Diagnostics;
using System.Text.Json;

namespace Coco.Cli.Tests;

/// <summary>A control plane as a process of its own, on loopback, with its data in a folder that goes with it.</summary>
internal sealed class ControlPlaneProcess : IDisposable
{
    private const int Serves = 1720; // the event that tells where

    /// <summary>The program, as it was built along with these tests.</summary>
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory.Replace("tests/Coco.Cli.Tests", "src/Coco.ControlPlane", StringComparison.Ordinal), "Coco.ControlPlane.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-c-").FullName;
    private readonly Process _process;

    private ControlPlaneProcess(string[] settings) => _process = Start(["serve", "--DataDirectory", _folder, "--Listen:0", "http://127.0.0.1:0", .. settings]);

    public string Address { get; private set; } = "";

    /// <summary>Starts one, and waits until it serves.</summary>
    public static async Task<ControlPlaneProcess> StartAsync(params string[] settings)
    {
        var plane = new ControlPlaneProcess(settings);
        _ = plane._process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TestDaemon.Patience);
        while (await plane._process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("EventId").GetInt32() != Serves) { continue; }
            _ = plane._process.StandardOutput.ReadToEndAsync(CancellationToken.None); // or it would wait once the pipe is full
            plane.Address = entry.RootElement.GetProperty("State").GetProperty("Addresses").GetString()!.TrimEnd('/');
            return plane;
        }
        throw new InvalidOperationException("The control plane ended before it served.");
    }

    /// <summary>Runs an operator's command beside it, and answers what it printed.</summary>
    public async Task<string> OperateAsync(params string[] arguments)
    {
        using var process = Start([.. arguments, "--DataDirectory", _folder]);
        var complaint = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await complaint);
        return said.Trim();
    }

    /// <summary>A token of a person who was added for the test.</summary>
    public async Task<string> TokenAsync(string email)
    {
        await OperateAsync("accounts", "add", email);
        return await OperateAsync("account-token", email);
    }

    /// <summary>A mail that it sent to somebody, once it is there.</summary>
    public async Task<string> MailAsync(string to)
    {
        using var patience = new CancellationTokenSource(TestDaemon.Patience);
        while (true)
        {
            var folder = Path.Combine(_folder, "mail");
            var mail = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.eml").Select(File.ReadAllText).FirstOrDefault(text => text.Contains("To: " + to, StringComparison.Ordinal)) : null;
            if (mail is not null) { return mail; }
            await Task.Delay(50, patience.Token); // it goes after the answer
        }
    }

    /// <summary>All that it has on disk, byte by byte, but for the lock that it holds.</summary>
    public string Stored() => string.Concat(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(static file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
