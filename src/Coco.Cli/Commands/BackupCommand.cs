using System.CommandLine;
using Coco.Cli.Backups;
using Coco.Cli.Daemon;
using Coco.Crypto.KeyFiles;

namespace Coco.Cli.Commands;

/// <summary><c>coco backup</c>: writes keys and stores into one file. It needs no daemon, and disturbs none.</summary>
internal static class BackupCommand
{
    public const string PassphraseVariable = "COCO_BACKUP_PASSPHRASE";

    public static Command Make(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "The backup to write" };
        var isOpen = new Option<bool>("--unprotected") { Description = "No passphrase: whoever has the file has your nodes" };
        return new Command("backup", "Write your nodes, with their keys, into one file, under a passphrase") { file, isOpen }
            .WithExamples("coco backup coco.backup", $"{PassphraseVariable}=… coco backup coco.backup", "coco backup coco.backup --unprotected")
            .Runs(shell, invocation => RunAsync(invocation, Path.GetFullPath(invocation.Need(file)), invocation.Get(isOpen)));
    }

    private static async Task RunAsync(Invocation invocation, string file, bool isOpen)
    {
        var places = invocation.Shell.Places;
        if (!File.Exists(places.KeyFile)) { throw new CommandException(ExitCode.NotFound, $"There is nothing in {places.State} to back up yet. `coco up` and `coco net create` make something."); }
        try
        {
            using var key = StoreKeys.Open(places.KeyFile, invocation.Shell);
            var isProtected = KeyFile.Inspect(places.KeyFile).Kind is KeyFileKind.Passphrase;
            var passphrase = isProtected || isOpen ? null : AskFor(invocation.Shell);
            var done = await invocation.WaitAsync("Copying stores", new BackupWriter(places, key).WriteAsync(file, passphrase, invocation.Stopping));
            invocation.Print(done, _ => invocation.Output.WriteLine(
                $"{done.File} has {Counted(done.Networks)}, {(done.IsProtected ? $"under {(isProtected ? "the passphrase of your key" : "its passphrase")}" : "and no passphrase: keep it as you would a key")}."));
        }
        catch (KeyFileException exception)
        {
            throw new CommandException(ExitCode.Failed, exception.Message, exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be written: {Trouble.Say(exception)}", exception);
        }
        catch (IOException exception) when (!Trouble.IsFullDisk(exception))
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be written: {Trouble.Say(exception)}", exception);
        }
    }

    public static string Counted(IReadOnlyList<string> networks) => networks.Count switch
    {
        0 => "no network, only the key",
        1 => $"your node in {networks[0]}",
        _ => $"your nodes in {string.Join(", ", networks)}",
    };

    private static string AskFor(Shell shell)
    {
        if (shell.Variable(PassphraseVariable) is { Length: > 0 } given) { return given; }
        return shell.AskPassphrase("A passphrase for the backup: ") is { Length: > 0 } typed
            ? shell.CanAsk && shell.AskPassphrase("The same again: ") != typed ? throw new CommandException(ExitCode.Failed, "The two passphrases differ. Nothing was written: try again.") : typed
            : throw new CommandException(ExitCode.Failed, $"The backup needs a passphrase. Set {PassphraseVariable}, run this at a terminal, or say --unprotected.");
    }
}
