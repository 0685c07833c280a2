using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Coco.Benchmarks.Control;

/// <summary>An instance of the control plane: the real program, a process of its own. It is told to stop as a service manager would.</summary>
internal sealed class PlaneProcess : IAsyncDisposable
{
    private const int Started = 1720; // the event that says where it listens

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _reading;

    private PlaneProcess(Process process, Uri address)
    {
        (_process, Address) = (process, address);
        // Else it would block once the pipe is full.
        _reading = Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(Stream.Null), process.StandardError.BaseStream.CopyToAsync(Stream.Null));
    }

    public Uri Address { get; }

    /// <summary>Resident bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it, and waits until it serves.</summary>
    public static async Task<PlaneProcess> StartAsync(string folder, params string[] settings)
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "Coco.ControlPlane.dll"), "serve", "--DataDirectory", folder, "--Listen:0", "http://127.0.0.1:0", .. settings];
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                using var entry = JsonDocument.Parse(line);
                if (entry.RootElement.GetProperty("EventId").GetInt32() != Started) { continue; }
                return new(process, new(entry.RootElement.GetProperty("State").GetProperty("Addresses").GetString()!));
            }
            throw new InvalidOperationException("the control plane ended instead of serving: " + await process.StandardError.ReadToEndAsync(patience.Token));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])) { await terminate.WaitForExitAsync(); }
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }
        await _reading;
        _process.Dispose();
    }
}
