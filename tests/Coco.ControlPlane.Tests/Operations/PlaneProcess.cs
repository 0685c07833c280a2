using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The program as a process of its own, which a test may end in any way.</summary>
internal sealed class PlaneProcess : IDisposable
{
    private readonly Process _process;

    private PlaneProcess(Process process, Uri address) => (_process, Http) = (process, new() { BaseAddress = address });

    public HttpClient Http { get; }

    /// <summary>Starts it, and waits until it serves.</summary>
    public static async Task<PlaneProcess> StartAsync(string folder, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Coco.ControlPlane.dll"), "serve", "--DataDirectory", folder, "--Listen:0", "http://127.0.0.1:0", .. settings])
        {
            start.ArgumentList.Add(argument);
        }
        var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("EventId").GetInt32() != 1720) { continue; }
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // or it would block once the pipe is full
            return new(process, new(entry.RootElement.GetProperty("State").GetProperty("Addresses").GetString()!));
        }
        throw new InvalidOperationException("The control plane ended instead of serving.");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager does.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited) { _process.Kill(); }
        _process.Dispose();
    }
}
