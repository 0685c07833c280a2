using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco net</c>: founds, lists and leaves networks.</summary>
internal static class NetCommand
{
    public static Command Make(Shell shell) => new("net", "Found, list, leave and recover networks")
    {
        Create(shell), List(shell), Leave(shell), NetControlCommand.Make(shell), NetRecoveryCommand.Make(shell),
    };

    private static Command Create(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "What people call the network" };
        var nodeName = CommonOptions.NodeName();
        var isOpen = new Option<bool>("--open") { Description = "Any member may look any other up and connect; otherwise parts of the network do not see each other" };
        return new Command("create", "Found a network, which you own") { name, nodeName, isOpen }
            .WithExamples("coco net create home", "coco net create home --node-name laptop")
            .Runs(shell, async invocation =>
            {
                var wish = new NetworkWish(invocation.Need(name), invocation.Get(nodeName), invocation.Get(isOpen));
                var made = await invocation.WaitAsync(
                    $"Founding {wish.Name}", invocation.Daemon.PostAsync<NetworkWish, NetworkMade>("/v1/networks", wish, invocation.Stopping));
                invocation.Print(made, _ =>
                {
                    invocation.Output.WriteLine($"Network {made.Network.Name} is founded, and yours. This node is called {made.Network.NodeName}.");
                    if (made.RecoveryKey is not { } key) { return; }
                    invocation.Output.WriteLine();
                    invocation.Output.WriteLine("Its recovery key, with which you get the network back if this device is lost, is kept nowhere. Write it down:");
                    invocation.Output.WriteLine($"  {key}");
                });
            });
    }

    private static Command List(Shell shell) => new Command("list", "List the networks you are in").WithExamples("coco net list").Runs(shell, static async invocation =>
    {
        var list = await invocation.Daemon.GetAsync<NetworkList>("/v1/networks", invocation.Stopping);
        invocation.Print(list, _ => Tell(invocation, list.Networks));
    });

    private static Command Leave(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "Which network" };
        var yes = CommonOptions.Yes();
        return new Command("leave", "Leave a network: this node's keys are gone then, and only a new ticket leads back") { name, yes }
            .WithExamples("coco net leave home", "coco net leave home --yes")
            .Runs(shell, async invocation =>
            {
                var network = invocation.Need(name);
                if (!invocation.Get(yes) && !invocation.Confirms($"Leave {network}, and delete this node's keys?"))
                {
                    throw new CommandException(ExitCode.Usage, $"Nothing was done. To leave {network} without a question, say `coco net leave {network} --yes`.");
                }
                var done = await invocation.WaitAsync(
                    $"Leaving {network}", invocation.Daemon.DeleteAsync<Done>(Route.To("/v1/networks", ("network", network)), invocation.Stopping));
                invocation.Print(done, _ => invocation.Output.WriteLine($"You have left {network}."));
            });
    }

    public static void Tell(Invocation invocation, IReadOnlyList<NetworkView> networks)
    {
        if (networks.Count == 0)
        {
            invocation.Output.WriteLine("no network yet: `coco net create NAME` founds one, `coco join TICKET` joins one");
            return;
        }
        var table = Tables.Of("NETWORK", "KEY", "NODE", "ROLE", "APP", "MEMBERS", "STATE");
        foreach (var network in networks)
        {
            var colour = network.State == "running" ? "green" : "red";
            table.AddRow(
                Markup.Escape(network.Name), Tables.Short(network.Id), Markup.Escape(network.NodeName), network.Role, Markup.Escape(network.App ?? ""),
                $"{network.Reachable + 1} of {network.Members}", $"[{colour}]{network.State}[/]");
        }
        invocation.Print(table);
        foreach (var network in networks.Where(static one => one.Problem is not null)) { invocation.Output.WriteLine($"{network.Name}: {network.Problem}"); }
    }
}
