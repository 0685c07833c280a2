using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco mqtt</c>: a network's topics for MQTT clients of this machine.</summary>
internal static class MqttCommand
{
    public static Command Make(Shell shell) => new("mqtt", "Serve a network's topics to MQTT clients of this machine") { Open(shell), List(shell), Close(shell) };

    private static Command Open(Shell shell)
    {
        var local = new Argument<string>("LOCAL") { Description = "Where clients find it: a port, tcp:host:port or unix:path; 0 is any port that is free", DefaultValueFactory = static _ => "1883" };
        var network = CommonOptions.Network(shell);
        var access = TunnelAccessOptions.Add();
        return new Command("open", "Open an MQTT server, 3.1.1 and 5.0, whose topics are the network's, as far as its policy lets this node") { local, network, access.User, access.Anyone }
            .WithExamples("coco mqtt open --user", "mosquitto_sub -t 'home/#'", "coco mqtt open 1884", "mosquitto_sub -p 1884 -u coco -P \"$(coco tunnel token)\" -t 'home/#'")
            .Runs(shell, async invocation =>
            {
                var wish = new MqttWish { Local = TunnelCommand.Whole(invocation.Get(local)!), Access = access.Read(invocation) };
                var server = await invocation.Daemon.PostAsync<MqttWish, MqttView>(Route.To("/v1/mqtt", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(server, _ =>
                {
                    invocation.Output.WriteLine($"The topics of {server.Network} are served to MQTT clients at {server.Local}");
                    invocation.Shell.Error.WriteLine(Explain(server.Access));
                });
            });
    }

    private static Command List(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("list", "List the MQTT servers open here") { network }
            .WithExamples("coco mqtt list", "coco mqtt list --json")
            .Runs(shell, async invocation =>
            {
                var list = await invocation.Daemon.GetAsync<MqttList>(Route.To("/v1/mqtt", ("network", invocation.Get(network))), invocation.Stopping);
                invocation.Print(list, _ => Tell(invocation, list.Servers));
            });
    }

    private static Command Close(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("close", "Close a network's MQTT server; sessions are kept for the next time") { network }
            .WithExamples("coco mqtt close", "coco mqtt close --network home")
            .Runs(shell, async invocation =>
            {
                var done = await invocation.Daemon.DeleteAsync<Done>(Route.To("/v1/mqtt", ("network", invocation.Get(network))), invocation.Stopping);
                invocation.Print(done, _ => invocation.Output.WriteLine("The MQTT server is closed."));
            });
    }

    private static string Explain(string access) => access switch
    {
        "same-user" => "Programs of yours may use it, until `coco mqtt close`.",
        "anyone" => "Whoever can connect may use it, until `coco mqtt close`.",
        _ => "Clients that show the token of `coco tunnel token` as password, with any user name, may use it, until `coco mqtt close`; with --user, all of yours.",
    };

    private static void Tell(Invocation invocation, IReadOnlyList<MqttView> servers)
    {
        if (servers.Count == 0)
        {
            invocation.Output.WriteLine("no MQTT server is open here: `coco mqtt open --help`");
            return;
        }
        var table = Tables.Of("NETWORK", "END", "FOR", "CLIENTS", "SESSIONS", "DROPPED", "REFUSED");
        foreach (var one in servers)
        {
            table.AddRow(
                Markup.Escape(one.Network), Markup.Escape(one.Local), Markup.Escape(one.Access), one.Problem is null ? $"{one.Clients}" : "[red]no[/]", $"{one.Sessions}",
                $"{one.Dropped}", $"{one.Refused}");
        }
        invocation.Print(table);
        foreach (var one in servers.Where(static one => one.Problem is not null)) { invocation.Output.WriteLine($"{one.Network}: {one.Problem}"); }
    }
}
