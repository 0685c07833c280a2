using System.Diagnostics;
using System.Globalization;

namespace Coco.Cli.Tests.Demo;

/// <summary><c>coco demo</c> as a process, with temporary files in a folder of its own.</summary>
internal sealed class DemoProcess : IDisposable
{
    // Chosen: several times what it takes on an idle machine.
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly List<string> _lines = [];

    public DemoProcess(string folder, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, "demo", .. options])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["TMPDIR"] = folder;
        start.Environment[Control.ControlCommand.Variable] = ControlPlaneProcess.Program;
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"coco-demo-{_process.Id}");

    public string Output => string.Join('\n', _lines);

    public string Error => _error.Result;

    /// <summary>Reads what is printed up to a line with this text.</summary>
    public async Task ReadToAsync(string text, CancellationToken stopping)
    {
        while (await _process.StandardOutput.ReadLineAsync(stopping) is { } line)
        {
            _lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal)) { return; }
        }
        Assert.Fail($"the demo ended before it said \"{text}\": {Output}\n{await _error}");
    }

    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line) { _lines.Add(line); }
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Processes that carry this demo's folder in their environment.</summary>
    public string[] Processes(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(static path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out _))
            .Where(path => EnvironmentOf(path).Contains($"{folder}/{Name}-", StringComparison.Ordinal)),
    ];

    public string[] Namespaces() =>
        Directory.Exists("/run/netns") ? [.. Directory.EnumerateFiles("/run/netns", Name + "-*")] : [];

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(); }
        _process.Dispose();
    }

    private static string EnvironmentOf(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(path, "environ"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended, or is another user's
        }
    }
}
