using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco remove</c>: removes a node, or a user with all nodes.</summary>
internal static class RemoveCommand
{
    public static Command Make(Shell shell)
    {
        var who = CommonArguments.Node(shell);
        var network = CommonOptions.Network(shell);
        var user = new Option<bool>("--user") { Description = "Remove the node's user, with all nodes" };
        var yes = CommonOptions.Yes();
        return new Command("remove", "Remove a node from the network, for good: within a second nobody talks to it any more") { who, network, user, yes }
            .WithExamples("coco remove kitchen", "coco remove kitchen --user --yes")
            .Runs(shell, async invocation =>
            {
                var (name, isUser) = (invocation.Need(who), invocation.Get(user));
                var what = isUser ? $"the user of {name}, with all nodes" : name;
                if (!invocation.Get(yes) && !invocation.Confirms($"Remove {what}, for good?"))
                {
                    throw new CommandException(ExitCode.Usage, "Nothing was done. To remove it without a question, add --yes.");
                }
                var path = Route.To("/v1/members", ("network", invocation.Get(network)), ("who", name), ("user", isUser ? "true" : null));
                var done = await invocation.WaitAsync($"Removing {what}", invocation.Daemon.DeleteAsync<Done>(path, invocation.Stopping));
                invocation.Print(done, _ => invocation.Output.WriteLine($"Removed: {what}."));
            });
    }
}
