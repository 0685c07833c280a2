using System.Diagnostics;
using Coco.Cli.Daemon;
using Coco.Crypto.KeyFiles;

namespace Coco.Cli.Commands;

/// <summary>Starts the daemon as a process of its own that outlives the terminal.</summary>
internal static class BackgroundDaemon
{
    public static async Task StartAsync(Shell shell, string[] arguments, bool isProtected, CancellationToken stopping)
    {
        using var process = Start(arguments);
        // What a person is asked is asked here, and handed over by a pipe, which nobody else can read.
        if (shell.Variable(StoreKeys.PassphraseVariable) is null && Asks(shell, isProtected) is { } passphrase) { await process.StandardInput.WriteLineAsync(passphrase); }
        process.StandardInput.Close();
        var trouble = process.StandardError.ReadToEndAsync(stopping);
        var line = await process.StandardOutput.ReadLineAsync(stopping);
        if (line is null)
        {
            await process.WaitForExitAsync(stopping);
            throw new CommandException((ExitCode)process.ExitCode, Unquote(await trouble));
        }
        shell.Output.WriteLine($"{line}; process {process.Id}");
    }

    private static Process Start(string[] arguments)
    {
        var program = Environment.ProcessPath ?? throw new CommandException(ExitCode.Failed, "This program cannot find itself. Run `coco up` without --background.");
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Under `dotnet coco.dll` the program is dotnet.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") { start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Coco.Cli.dll")); }
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }
        start.Environment[Detachment.Variable] = "1";
        return Process.Start(start)!;
    }

    private static string? Asks(Shell shell, bool isProtected)
    {
        var file = shell.Places.KeyFile;
        if (!File.Exists(file)) { return isProtected ? shell.AskNewPassphrase("A new passphrase: ") : null; }
        try
        {
            return KeyFile.Inspect(file).Kind is KeyFileKind.Passphrase ? shell.AskPassphrase($"Passphrase of {file}: ") : null;
        }
        catch (KeyFileException)
        {
            return null; // the daemon says so
        }
    }

    private static string Unquote(string text) => text.Trim() is { Length: > 0 } said ? said.StartsWith("coco: ", StringComparison.Ordinal) ? said[6..] : said : "The daemon ended at once, and said nothing.";
}
