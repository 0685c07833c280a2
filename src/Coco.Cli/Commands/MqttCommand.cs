using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Cli.Daemon;
using Coco.Mqtt;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco mqtt</c>: a network's topics for MQTT clients of this machine.</summary>
internal static class MqttCommand
{
    /// <summary>Clients that a server can be allowed to have at once.</summary>
    public const int MostConnections = 65_536;

    public static Command Make(Shell shell) => new("mqtt", "Serve a network's topics to MQTT clients of this machine") { Open(shell), List(shell), Close(shell), Passwd(shell) };

    private static Command Open(Shell shell)
    {
        var local = new Argument<string>("LOCAL") { Description = "Where clients find it: a port, tcp:host:port or unix:path; 0 is any port that is free", DefaultValueFactory = static _ => "1883" };
        var network = CommonOptions.Network(shell);
        var access = TunnelAccessOptions.Add();
        var users = new Option<string?>("--users")
        {
            HelpName = "FILE",
            Description = "Who may use it, and as which node: lines NAME:HASH[:NETWORK] as `coco mqtt passwd` and mosquitto_passwd write them, or client ID[:NETWORK]; NETWORK is one of yours, this one "
                + "without. It is read now: open again after a change. Users with a password need no token",
        };
        var most = new Option<int?>("--max-connections") { HelpName = "COUNT", Description = $"How many clients may be connected at once, up to {MostConnections}; without, {new MqttLimits().MaxConnections}, or as many as the daemon may have files open" };
        return new Command("open", "Open an MQTT server, 3.1.1 and 5.0, whose topics are the network's, as far as its policy lets this node") { local, network, access.User, access.Anyone, users, most }
            .WithExamples("coco mqtt open --user", "mosquitto_sub -t 'home/#'", "coco mqtt open 1884", "mosquitto_sub -p 1884 -u coco -P \"$(coco tunnel token)\" -t 'home/#'", "coco mqtt passwd users ada --for work", "coco mqtt open --users users", "coco mqtt open --max-connections 30000")
            .Runs(shell, async invocation =>
            {
                var wish = new MqttWish
                {
                    Local = TunnelCommand.Whole(invocation.Get(local)!), Access = access.Read(invocation), MaxConnections = invocation.Get(most),
                    Users = invocation.Get(users) is { } file ? await MqttUserFile.ReadAsync(file, invocation.Stopping) : [],
                };
                var server = await invocation.Daemon.PostAsync<MqttWish, MqttView>(Route.To("/v1/mqtt", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(server, _ =>
                {
                    invocation.Output.WriteLine($"The topics of {server.Network} are served to MQTT clients at {server.Local}");
                    invocation.Shell.Error.WriteLine(server.Users > 0 ? $"{server.Users} users of the file may use it, until `coco mqtt close`." : Explain(server.Access));
                    if (server.IsLimitedByFiles) { invocation.Shell.Error.WriteLine($"No more than {server.MaxClients} clients at once, as the daemon may have no more files open: raise the hard limit where it is started (`ulimit -Hn`)."); }
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

    private static Command Passwd(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "The file of users, made where there is none" };
        var name = new Argument<string>("NAME") { Description = "The user name that a client shows" };
        var network = new Option<string?>("--for") { HelpName = "NETWORK", Description = "The network of yours whose topics the user has; without, the one that the server is opened for" };
        return new Command("passwd", "Give an MQTT user a password; asks for it, or takes the first line of standard input") { file, name, network }
            .WithExamples("coco mqtt passwd users ada", "coco mqtt passwd users ada --for work", "coco mqtt open --users users")
            .Runs(shell, invocation => SetPassword(invocation, invocation.Need(file), invocation.Need(name), invocation.Get(network)));
    }

    private static async Task SetPassword(Invocation invocation, string file, string name, string? network)
    {
        if (name.Contains(':', StringComparison.Ordinal) || name[0] is '#' || name.StartsWith("client ", StringComparison.Ordinal))
        {
            throw new CommandException(ExitCode.Usage, "A user name has no colon, and does not begin with # or \"client \".");
        }
        var password = invocation.Shell.AskPassphrase($"Password of {name}: ");
        if (string.IsNullOrEmpty(password)) { throw new CommandException(ExitCode.Usage, "A user needs a password: type it, or pass it on standard input."); }
        if (invocation.Shell.CanAsk && invocation.Shell.AskPassphrase("The same again: ") != password) { throw new CommandException(ExitCode.Failed, "The two passwords differ. Nothing was done: try again."); }
        try
        {
            IReadOnlyList<string> lines = File.Exists(file) ? await File.ReadAllLinesAsync(file, invocation.Stopping) : [];
            SafeFile.Write(file, System.Text.Encoding.UTF8.GetBytes(string.Concat(MqttUserFile.With(lines, name, MqttUser.Hash(password), network).Select(static line => line + "\n"))));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be written: {Trouble.Say(exception)}", exception);
        }
        invocation.Print(new Done(), _ => invocation.Output.WriteLine($"{name} has a password in {file}. Servers take it when they are opened again: `coco mqtt open --users {file}`."));
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
                Markup.Escape(one.Network), Markup.Escape(one.Local), Markup.Escape(one.Access), one.Problem is null ? $"{one.Clients} of {one.MaxClients}" : "[red]no[/]", $"{one.Sessions}",
                $"{one.Dropped}", $"{one.Refused}");
        }
        invocation.Print(table);
        foreach (var one in servers.Where(static one => one.Problem is not null)) { invocation.Output.WriteLine($"{one.Network}: {one.Problem}"); }
    }
}
