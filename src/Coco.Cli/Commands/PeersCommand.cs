using System.CommandLine;
using System.Globalization;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco peers</c>: who is in the network, and how they are reached.</summary>
internal static class PeersCommand
{
    public static Command Make(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("peers", "List the other members of a network, and how they are reached") { network }
            .WithExamples("coco peers", "coco peers --network home --json")
            .Runs(shell, async invocation =>
            {
                var list = await invocation.Daemon.GetAsync<PeerList>(Route.To("/v1/peers", ("network", invocation.Get(network))), invocation.Stopping);
                invocation.Print(list, _ => Tell(invocation, list));
            });
    }

    private static void Tell(Invocation invocation, PeerList list)
    {
        if (list.Peers.Count == 0)
        {
            invocation.Output.WriteLine($"nobody else is in {list.Network} yet: `coco invite` makes a ticket");
            return;
        }
        var table = Tables.Of("NODE", "KEY", "ROLE", "PART", "WAY", "ROUND TRIP");
        foreach (var peer in list.Peers)
        {
            table.AddRow(
                Markup.Escape(peer.Name), Tables.Short(peer.Id), peer.Role, Markup.Escape(peer.SubCluster), WayTo(peer),
                peer.RoundTripMs is { } ms ? ms.ToString("0.0 ms", CultureInfo.InvariantCulture) : "");
        }
        invocation.Print(table);
    }

    private static string WayTo(PeerView peer) => peer switch
    {
        { Reachable: false } => "[red]out of reach[/]",
        { Path: { } path } => $"[green]{path}[/]",
        { Hops: 1 } => "[green]neighbour[/]",
        _ => $"over {peer.Hops - 1} {(peer.Hops == 2 ? "other" : "others")}",
    };
}
