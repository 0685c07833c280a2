using System.CommandLine;
using Coco.Cli.Backups;
using Coco.Cli.Daemon;

namespace Coco.Cli.Commands;

/// <summary><c>coco restore</c>: puts a backup back where nothing is yet.</summary>
internal static class RestoreCommand
{
    public static Command Make(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "The backup" };
        return new Command("restore", "Put a backup back, on a machine that has no nodes yet; the original must not run any more") { file }
            .WithExamples("coco restore coco.backup", "COCO_PASSPHRASE=… coco up --background      where the backup has a passphrase")
            .Runs(shell, async invocation =>
            {
                var path = Path.GetFullPath(invocation.Need(file));
                if (!File.Exists(path)) { throw new CommandException(ExitCode.NotFound, $"There is no file {path}. Name the one that `coco backup` wrote."); }
                var done = await invocation.WaitAsync("Putting stores back", BackupReader.RestoreAsync(path, invocation.Shell.Places, invocation.Stopping));
                invocation.Print(done, _ =>
                {
                    invocation.Output.WriteLine($"Restored {BackupCommand.Counted(done.Networks)}, as of {done.MadeAt.ToLocalTime():yyyy-MM-dd HH:mm}.");
                    invocation.Shell.Error.WriteLine(
                        "Make sure that the original does not run any more, then start it here: "
                        + (done.IsProtected ? $"`coco up --background`, which asks for the backup's passphrase or takes it from {StoreKeys.PassphraseVariable}." : "`coco up --background`."));
                });
            });
    }
}
