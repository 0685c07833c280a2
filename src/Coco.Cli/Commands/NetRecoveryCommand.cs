using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco net recovery</c>: makes recovery keys, and gets a network back with one. A key is never an argument: those are shown to every user of the machine.</summary>
internal static class NetRecoveryCommand
{
    private const int MaxLength = 1024; // of a file with a key, which has about 70 characters

    public static Command Make(Shell shell) => new("recovery", "Make a key with which the network can be got back if the owner's device is lost or stolen, and use it") { Create(shell), Use(shell) };

    private static Command Create(Shell shell)
    {
        var replaced = new Option<string?>("--replaces")
        {
            Description = "The file with the key so far, - for standard input: it holds no more then. Without it the key so far, if there is one, goes on to hold", HelpName = "FILE",
        };
        var (output, network) = (Output(), CommonOptions.Network(shell));
        return new Command("create", "Make another recovery key, which is shown once. For the owner") { replaced, output, network }
            .WithExamples("coco net recovery create", "coco net recovery create --replaces old.key --output new.key", "coco net recovery create --network home")
            .Runs(shell, async invocation =>
            {
                var old = invocation.Get(replaced) is { } file ? await ReadAsync(invocation, file) : null;
                await MakeAsync(invocation, "/v1/recovery-keys", "Naming a recovery key", new(old), network, output, made =>
                    $"Network {made.Network} has another recovery key{(old is null ? ". One that it had goes on to hold, and can undo what you do from now on: with `--replaces` it would not" : ", and the one so far holds no more")}.");
            });
    }

    private static Command Use(Shell shell)
    {
        var key = new Argument<string?>("FILE") { Description = "The file with the recovery key, - for standard input; it is asked for otherwise", Arity = ArgumentArity.ZeroOrOne };
        var (output, network, yes) = (Output(), CommonOptions.Network(shell), CommonOptions.Yes());
        return new Command("use", "Become the owner with the recovery key, on any of your devices in the network. The next key is shown once") { key, output, network, yes }
            .WithExamples("coco net recovery use", "coco net recovery use recovery.key --output next.key --yes", "coco net recovery use - --network home --yes < recovery.key")
            .Runs(shell, async invocation =>
            {
                if (!invocation.Get(yes) && !invocation.Confirms("Take the network from its owner, and make this device's user the owner?"))
                {
                    throw new CommandException(ExitCode.Usage, "Nothing was done. To become the owner without a question, say `coco net recovery use --yes`.");
                }
                var text = invocation.Get(key) is { } file ? await ReadAsync(invocation, file) : invocation.Shell.AskPassphrase("Recovery key: ");
                if (string.IsNullOrWhiteSpace(text)) { throw new CommandException(ExitCode.Usage, "Nothing was done without the recovery key. Give it at the question, or name a file that has it."); }
                await MakeAsync(invocation, "/v1/recoveries", "Getting the network back", new(text.Trim()), network, output, static made =>
                    $"You own network {made.Network} now. Remove devices that are lost or stolen with `coco remove`. The key that you used holds no more.");
            });
    }

    private static Option<string?> Output() => new("--output", "-o") { Description = "A file for the new key, which only you can read, instead of showing it", HelpName = "FILE" };

    private static async Task MakeAsync(
        Invocation invocation, string path, string what, RecoveryWish wish, Option<string?> network, Option<string?> output, Func<RecoveryMade, string> tell)
    {
        // The file is there before the key is: one that cannot be written must not cost a key that nobody sees again.
        using var file = invocation.Get(output) is { } name ? new NewSecretFile(name) : null;
        var made = await invocation.WaitAsync(what, invocation.Daemon.PostAsync<RecoveryWish, RecoveryMade>(Route.To(path, ("network", invocation.Get(network))), wish, invocation.Stopping));
        if (file is not null)
        {
            try
            {
                file.Write(made.RecoveryKey!);
                made = made with { RecoveryKey = null, File = file.Path };
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                invocation.Shell.Error.WriteLine($"{file.Path} cannot be written: {Trouble.Say(exception)} The key is shown here instead.");
            }
        }
        invocation.Print(made, _ =>
        {
            invocation.Output.WriteLine(tell(made));
            invocation.Output.WriteLine();
            invocation.Output.WriteLine(made.File is null ? "The new recovery key is kept nowhere. Write it down, and put it where your devices are not:" : "The new recovery key is in this file and nowhere else. Put it where your devices are not:");
            invocation.Output.WriteLine($"  {made.File ?? made.RecoveryKey}");
        });
    }

    private static async Task<string> ReadAsync(Invocation invocation, string file)
    {
        try
        {
            await using var stream = file == "-" ? invocation.Shell.OpenInput() : File.OpenRead(file);
            using var reader = new StreamReader(stream);
            var buffer = new char[MaxLength + 1];
            var count = await reader.ReadBlockAsync(buffer, invocation.Stopping);
            var text = new string(buffer, 0, count).Trim();
            return count <= MaxLength && text.Length > 0
                ? text
                : throw new CommandException(ExitCode.Usage, $"{(file == "-" ? "Standard input" : file)} has no recovery key, which is a line that begins with cocorecovery1.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be read: {Trouble.Say(exception)}", exception);
        }
    }
}
