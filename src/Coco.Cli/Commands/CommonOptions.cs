using System.CommandLine;

namespace Coco.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public const string JsonName = "--json";

    public static Option<bool> Json() => new(JsonName) { Description = "Print JSON: one object, or one a line for what goes on", Recursive = true };

    public static Option<string?> Network(Shell shell)
    {
        var network = new Option<string?>("--network", "-n")
        {
            Description = "Which network, by its name or the beginning of its key; not needed where there is one",
            HelpName = "NAME",
        };
        network.CompletionSources.Add(_ => CommonArguments.Networks(shell));
        return network;
    }

    public static Option<string?> NodeName() => new("--node-name") { Description = "What this node is to be called; the machine's name otherwise", HelpName = "NAME" };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask whether it is meant" };
}
