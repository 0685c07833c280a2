using System.Diagnostics;

namespace Coco.ControlPlane.Tests;

/// <summary>Programs of Node.js that tests have as their other side.</summary>
internal static class NodeProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The folder of Coco.slnx.</summary>
    public static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Coco.slnx"))) { folder = Path.GetDirectoryName(folder); }
            return folder ?? throw new InvalidOperationException("The tests do not run below the folder of Coco.slnx.");
        }
    }

    /// <summary>Skips the test without the program; where CI=true that is a failure: there it is installed.</summary>
    public static void Require(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.Any(folder => File.Exists(Path.Combine(folder, program)))) { return; }
        var reason = $"NOT TESTED: {program} is not installed. Install Node.js 20 or later";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
    }

    public static async Task<(int Code, string Output, string Errors)> RunAsync(string program, string[] arguments, string folder, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.StandardInput.WriteLineAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) { process.Kill(); }
        }
    }
}
