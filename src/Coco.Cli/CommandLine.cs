using System.Reflection;
using Coco.Cli.Demo;

namespace Coco.Cli;

/// <summary>Finds the command that was asked for. What commands print goes to the writers, so that tests can read it.</summary>
internal static class CommandLine
{
    private const string Help = """
        coco: private connections between nodes that know each other by key

        usage: coco demo                           two nodes meet over real sockets, and every claim is checked
               coco key new FILE [--unattended]    make an identity; asks for a passphrase, or relies on permissions alone
               coco key show FILE                  print the identity that a key file holds
               coco --version
               coco --help

        exit codes: 0 done, 1 tried and failed, 2 not understood
        """;

    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    public static ExitCode Run(string[] arguments, TextWriter output, TextWriter error, Func<string, string?>? askPassphrase = null)
    {
        switch (arguments)
        {
            case ["demo"]:
                return DemoCommand.Run(output, error);
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
