using System.Diagnostics;
using System.Runtime.InteropServices;
using Coco.Cli.Demo;

namespace Coco.Cli.Control;

/// <summary><c>coco control</c>: becomes the program <c>coco-control</c>, the control plane, with the arguments that follow.</summary>
internal static partial class ControlCommand
{
    /// <summary>Names the program's file, where it is not beside this one.</summary>
    public const string Variable = "COCO_CONTROL_PROGRAM";

    private const string FileName = "Coco.ControlPlane.dll";

    private const int TerminateSignal = 15; // SIGTERM

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(45); // longer than a relay drains, unless its settings say more

    public static async Task<ExitCode> RunAsync(string[] arguments, Shell shell)
    {
        var file = Find(shell) ?? throw new CommandException(
            ExitCode.Failed, $"The control plane's program, {FileName}, is not beside this one. Install coco-control, or name its file in {Variable}.");
        string[] command = [Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : SystemProgram.Find("dotnet") ?? "dotnet", file, .. arguments];
        // The same process goes on as the other program: signals, standard streams and the exit code are its own, as a service manager wants it.
        if (!OperatingSystem.IsWindows() && Path.IsPathRooted(command[0]) && ReferenceEquals(shell.Output, Console.Out))
        {
            Become(command);
            throw new CommandException(ExitCode.Failed, $"{command[0]} cannot be started: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new CommandException(ExitCode.Failed, $"{command[0]} cannot be started.");
        var copying = Task.WhenAll(CopyAsync(process.StandardOutput, shell.Output), CopyAsync(process.StandardError, shell.Error));
        try
        {
            await process.WaitForExitAsync(shell.Stopping);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
        }
        await copying;
        return (ExitCode)process.ExitCode;
    }

    // As a service manager stops it: it is asked to, has time to send its clients elsewhere, and then ends.
    private static async Task StopAsync(Process process)
    {
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            if (OperatingSystem.IsWindows() || Kill(process.Id, TerminateSignal) != 0) { process.Kill(entireProcessTree: true); }
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Whether there is that program on this machine.</summary>
    public static bool IsInstalled(Shell shell) => Find(shell) is not null;

    private static string? Find(Shell shell)
    {
        var here = AppContext.BaseDirectory;
        string?[] places =
        [
            shell.Variable(Variable),
            Path.Combine(here, FileName),
            Path.Combine(here, "..", "coco-control", FileName),
            // Where it was built: src/Coco.Cli/bin/Release/net10.0 and its sister.
            Path.Combine(here.Replace($"{Path.DirectorySeparatorChar}Coco.Cli{Path.DirectorySeparatorChar}", $"{Path.DirectorySeparatorChar}Coco.ControlPlane{Path.DirectorySeparatorChar}", StringComparison.Ordinal), FileName),
        ];
        return Array.Find(places, static place => place is not null && File.Exists(place));
    }

    private static void Become(string[] command)
    {
        var pointers = new nint[command.Length + 1];
        for (var i = 0; i < command.Length; i++) { pointers[i] = Marshal.StringToCoTaskMemUTF8(command[i]); }
        _ = Execv(command[0], pointers); // returns only where it failed
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line) { await to.WriteLineAsync(line); }
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execv(string path, nint[] arguments);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
