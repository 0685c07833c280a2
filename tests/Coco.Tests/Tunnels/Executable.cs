using System.Diagnostics;

namespace Coco.Tests.Tunnels;

/// <summary>Another program, run to its end.</summary>
internal static class Executable
{
    /// <summary>Skips the test where the program is not installed; fails it where everything has to be.</summary>
    public static void Require(string name)
    {
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));
        if (isThere) { return; }
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{name} is not installed.");
        Assert.Skip($"{name} is not installed.");
    }

    public static async Task<(int Code, string Output)> RunAsync(string name, string[] arguments, byte[]? input, CancellationToken cancellationToken)
    {
        var (code, output) = await RunForBytesAsync(name, arguments, input, cancellationToken);
        return (code, System.Text.Encoding.UTF8.GetString(output));
    }

    public static async Task<(int Code, byte[] Output)> RunForBytesAsync(string name, string[] arguments, byte[]? input, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            using var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            try
            {
                if (input is not null) { await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken); }
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended before it read all.
            }
            await reading;
            await process.WaitForExitAsync(cancellationToken);
            await errors;
            return (process.ExitCode, output.ToArray());
        }
        finally
        {
            if (!process.HasExited) { process.Kill(); }
        }
    }
}
