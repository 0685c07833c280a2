using System.CommandLine;
using System.CommandLine.Completions;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary>Arguments that several commands have, with names for the shell to complete.</summary>
internal static class CommonArguments
{
    public static Argument<string> Node(Shell shell)
    {
        var node = new Argument<string>("NODE") { Description = "The node, by its name or the beginning of its key, as `coco peers` shows it" };
        node.CompletionSources.Add(_ => Names(shell, "/v1/peers", static (PeerList list) => list.Peers.Select(static peer => peer.Name)));
        return node;
    }

    /// <summary>Names of networks, for options.</summary>
    public static IEnumerable<CompletionItem> Networks(Shell shell) => Names(shell, "/v1/networks", static (NetworkList list) => list.Networks.Select(static one => one.Name));

    private static IEnumerable<CompletionItem> Names<TAnswer>(Shell shell, string path, Func<TAnswer, IEnumerable<string>> namesOf)
    {
        using var daemon = new DaemonClient(shell);
        using var patience = new CancellationTokenSource(shell.KeyPatience);
        try
        {
            // Completion is not asynchronous, and this process does nothing else.
            return [.. namesOf(Task.Run(() => daemon.GetAsync<TAnswer>(path, patience.Token)).GetAwaiter().GetResult()).Select(static name => new CompletionItem(name))];
        }
        catch (Exception exception) when (exception is CommandException or OperationCanceledException)
        {
            return []; // there is nobody to ask, and nowhere to say so
        }
    }
}
