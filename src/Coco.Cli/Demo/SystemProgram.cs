using System.ComponentModel;
using System.Diagnostics;

namespace Coco.Cli.Demo;

/// <summary>Runs programs of the system that end at once.</summary>
internal static class SystemProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static bool IsInstalled(string program) => Find(program) is not null;

    /// <summary>Runs a program; null when it ended well, else what it said.</summary>
    public static string? TryRun(string program, params string[] arguments) => TryRunWith("", program, arguments);

    public static string? TryRunWith(string input, string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(Find(program) ?? program, arguments)
            {
                UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (!process.WaitForExit(Limit))
            {
                process.Kill();
                return $"{program} did not end";
            }
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {complained.Result.Trim()} {said.Result.Trim()}".Trim();
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            return $"{program} cannot be run: {exception.Message}";
        }
    }

    /// <summary>Where a program is; Debian keeps those for the administrator where not everybody's path leads.</summary>
    public static string? Find(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
        .Where(static folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
