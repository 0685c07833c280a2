using System.CommandLine;

namespace Coco.Cli.Commands;

/// <summary>Commands that need no daemon and read their own arguments (<see cref="CommandLine"/> hands these over): they stand in the tree for help and
/// completion.</summary>
internal static class OlderCommands
{
    public static IReadOnlyList<Command> All =>
    [
        Netcheck(), Relay(), Key(), Control(),
    ];

    private static Command Netcheck() => new Command("netcheck", "Tell how this host is connected, and what stands between it and its peers")
    {
        Text("--relay", "NODEID@ADDRESS[,wss://...]", "A relay, to be reached by UDP, TCP and WebSocket; up to 8 times"),
        Text("--stun", "ADDRESS", "A STUN server (RFC 8489); two observers or more tell the kind of NAT; up to 8 times"),
        new Option<bool>("--no-port-mapping") { Description = "Do not ask the router to open a port (it is closed again at once)" },
    }.WithExamples("coco netcheck", "coco netcheck --stun 192.0.2.1:3478 --stun 198.51.100.1:3478", "coco netcheck --json");

    private static Command Relay() => new Command("relay", "Carry data between nodes that do not reach each other")
    {
        Text("--listen", "ADDRESS:PORT", "Where to take UDP and TCP; default all addresses, on a port the system chooses"),
        Text("--websocket", "ADDRESS:PORT", "Where to take WebSockets over TLS, for peers whose UDP is blocked"),
        Text("--key", "FILE", "Its identity; without, one that is forgotten"),
        new Option<bool>("--verbose") { Description = "Print clients and bytes every minute; SIGUSR1 prints them at any time" },
    }.WithExamples("coco relay --listen 192.0.2.1:443 --key relay.key", "coco relay --verbose --json");

    private static Command Key()
    {
        var key = new Command("key", "Make and show identities in key files");
        key.Add(new Command("new", "Make an identity; asks for a passphrase, or relies on permissions alone")
        {
            new Argument<string>("FILE") { Description = "Where it is to be" },
            new Option<bool>("--unattended") { Description = "No passphrase: the file's permissions protect it" },
        }.WithExamples("coco key new relay.key --unattended"));
        key.Add(new Command("show", "Print the identity that a key file holds") { new Argument<string>("FILE") { Description = "The key file" } }.WithExamples("coco key show relay.key"));
        return key;
    }

    private static Command Control() => new Command("control", "Run a control plane: onboarding, relay and accounts for any number of networks")
    {
        new Argument<string[]>("ARGS") { Description = "Commands and settings of coco-control; `coco control help` lists them", Arity = ArgumentArity.ZeroOrMore },
    }.WithExamples("coco control serve --DataDirectory /var/lib/coco-control", "coco control backup control.backup --DataDirectory /var/lib/coco-control");

    private static Option<string[]> Text(string name, string helpName, string description) => new(name) { HelpName = helpName, Description = description };
}
