using System.Reflection;
using Coco.Cli.Demo;
using Coco.Cli.Netcheck;
using Coco.Cli.Policies;
using Coco.Cli.Relay;

namespace Coco.Cli;

/// <summary>Finds the command that was asked for. What commands print goes to the writers, so that tests can read it.</summary>
internal static class CommandLine
{
    private const string Help = """
        coco: private connections between nodes that know each other by key

        usage: coco demo                           two nodes meet over real sockets, and every claim is checked
               coco netcheck [OPTIONS]             tell how this host is connected, and what stands between it and its peers
               coco relay [OPTIONS]                carry data between nodes that do not reach each other
               coco policy test FILE QUESTION      tell what a policy decides, and by which rule
               coco key new FILE [--unattended]    make an identity; asks for a passphrase, or relies on permissions alone
               coco key show FILE                  print the identity that a key file holds
               coco --version
               coco --help

        netcheck asks only those who are named, and the default router; it takes 10 seconds at most
               --relay NODEID@ADDRESS[,wss://...]  a relay, to be reached by UDP, TCP and WebSocket; up to 8 times
               --stun ADDRESS                      a STUN server (RFC 8489); two observers or more tell the kind of NAT; up to 8 times
               --no-port-mapping                   do not ask the router to open a port (it is closed again at once)
               --json                              one JSON object: version, works, durationMs,
                                                   interfaces [{name, address, prefixLength, defaultRoute, mtu}], defaultRouters [address],
                                                   ipv4 and ipv6 {mapping, filtering, hairpin, preservesPorts, mappedAddress, udpBlocked,
                                                   complete, observers [{observer, mapped, suspicious, disagrees}],
                                                   evidence [{kind, observer, sentence}]} or null,
                                                   portMapping {removed, mappings [{protocol, router, external, suspicious}]} or null,
                                                   relays [{id, reached, transport, latencyMs, udp, tcp, websocket,
                                                   attempts [{transport, target, reached, latencyMs, failure}]}],
                                                   findings [{code, good, sentence}]; members may be added
               it ends with 0 when any of those who were named answered, or none was named and the host has an address; else with 1

        relay prints the line that others pass to --relay, and ends when its clients have left, 10 seconds after SIGTERM or SIGINT at most
               --listen ADDRESS:PORT               where to take UDP and TCP; default all addresses, on a port the system chooses
               --websocket ADDRESS:PORT            where to take WebSockets over TLS, for peers whose UDP is blocked
               --key FILE                          its identity; without, one that is forgotten
               --verbose                           print clients and bytes every minute; SIGUSR1 prints them at any time

        policy test asks in the words of the rules: service|publish|subscribe NAME from WHO [to WHO]; it ends with 0 when that is allowed, else with 1
               WHO                                 anyone, or any of: user USERID, role guest|admin|owner, app APP, tag TAG (several times);
                                                   the role is guest where nothing is said
               coco policy test home.policy service ssh from role admin to tag server

        addresses are written 192.0.2.1:443 or [2001:db8::1]:443
        exit codes: 0 done, 1 tried and failed, 2 not understood
        """;

    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    public static async Task<ExitCode> RunAsync(string[] arguments, TextWriter output, TextWriter error, Func<string, string?>? askPassphrase = null)
    {
        switch (arguments)
        {
            case ["demo"]:
                return await DemoCommand.RunAsync(output, error);
            case ["netcheck", .. var rest]:
                return await NetcheckCommand.RunAsync(rest, output, error);
            case ["relay", .. var rest]:
                return await RelayCommand.RunAsync(rest, output, error, askPassphrase ?? Passphrase.Ask);
            case ["policy", .. var rest]:
                return PolicyCommand.Run(rest, output, error);
            case ["key", .. var rest]:
                return KeyCommand.Run(rest, output, error, askPassphrase ?? Passphrase.Ask);
            case ["--version"]:
                output.WriteLine($"coco {Version}");
                return ExitCode.Ok;
            case ["--help" or "-h" or "help"]:
                output.WriteLine(Help);
                return ExitCode.Ok;
            case []:
                error.WriteLine(Help);
                return ExitCode.Usage;
            default:
                return NotUnderstood(string.Join(' ', arguments), error);
        }
    }

    public static ExitCode NotUnderstood(string what, TextWriter error)
    {
        error.WriteLine($"coco: \"{what}\" is no command. `coco --help` lists what there is.");
        return ExitCode.Usage;
    }
}
