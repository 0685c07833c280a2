using System.CommandLine;
using System.Globalization;
using Coco.Cli.Control;
using Coco.Cluster;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Usage;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco usage</c>: what a network used at a control plane. It needs no daemon.</summary>
internal static class UsageCommand
{
    private const string Scope = "usage:read";

    public static Command Make(Shell shell)
    {
        var network = new Argument<string>("NETWORK") { Description = "The network, by its whole key, as `coco net list --json` shows it" };
        var control = new Option<string>("--control") { Description = "The control plane", HelpName = "URL", Required = true };
        var month = new Option<string?>("--month") { Description = "Which month, of UTC, such as 2026-11; this one otherwise", HelpName = "MONTH" };
        var nodes = new Option<bool>("--nodes") { Description = "What each node used, instead" };
        return new Command("usage", $"Show what a network used at a control plane, with the token in {ControlPlaneCall.TokenVariable}") { network, control, month, nodes }
            .WithExamples(
                $"{ControlPlaneCall.TokenVariable}=… coco usage NETWORK --control https://control.example", "coco usage NETWORK --control https://control.example --month 2026-11 --nodes")
            .Runs(shell, async invocation =>
            {
                var (id, of, address) = (NetworkOf(invocation.Need(network)), MonthOf(invocation.Get(month)), invocation.Get(control)!);
                if (invocation.Get(nodes))
                {
                    var list = await ControlPlaneCall.AskAsync(invocation, address, Scope, client => ListAsync(client, id, of, invocation.Stopping));
                    invocation.Print(list, _ => Tell(invocation, list));
                    return;
                }
                var usage = await ControlPlaneCall.AskAsync(invocation, address, Scope, client => client.GetUsageAsync(id, of, invocation.Stopping));
                invocation.Print(usage, _ => Tell(invocation, usage));
            });
    }

    private static NetworkId NetworkOf(string text) => NetworkId.TryParse(text, out var id)
        ? id
        : throw new CommandException(ExitCode.Usage, $"\"{text}\" is no key of a network, which has 52 letters and digits. `coco net list --json` shows it.");

    private static string? MonthOf(string? text) => text is null || DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        ? text
        : throw new CommandException(ExitCode.Usage, $"\"{text}\" is no month. It is written such as 2026-11.");

    // All pages as one: who asks wants to know who used most.
    private static async Task<Page<NodeUsageView>> ListAsync(ControlPlaneClient client, NetworkId network, string? month, CancellationToken cancellationToken)
    {
        var all = new List<NodeUsageView>();
        string? cursor = null;
        do
        {
            var page = await client.ListNodeUsageAsync(network, month, cursor, cancellationToken);
            if (page.Items.Count == 0 && page.Next is not null) { throw new ControlPlaneException(ControlPlaneError.BadAnswer, $"{client.Origin} answers with pages that have nothing in them."); }
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return new(all);
    }

    private static void Tell(Invocation invocation, UsageView usage)
    {
        var used = (double)usage.RelayedBytes + usage.ControlBytes;
        var share = usage.AllowedBytes > 0 ? (used / usage.AllowedBytes).ToString("0.0 %", CultureInfo.InvariantCulture) : "";
        var table = Tables.Of("MONTH", "PLAN", "RELAYED", "CONTROL", "ALLOWED", "USED", "NODES");
        table.AddRow(
            Escape(usage.Month), Escape(usage.Plan), Sizes.Of(usage.RelayedBytes), Sizes.Of(usage.ControlBytes), Sizes.Of(usage.AllowedBytes), share,
            string.Create(CultureInfo.InvariantCulture, $"{usage.Nodes} of {usage.AllowedNodes}"));
        invocation.Print(table);
        foreach (var warning in usage.Warnings)
        {
            invocation.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{warning.At.ToLocalTime():yyyy-MM-dd HH:mm}  {warning.Percent} % reached: {Sizes.Of(warning.UsedBytes)} of {Sizes.Of(warning.AllowedBytes)}{(warning.Percent >= 100 ? "; what is relayed goes on slowly" : "")}"));
        }
    }

    private static void Tell(Invocation invocation, Page<NodeUsageView> list)
    {
        if (list.Items.Count == 0)
        {
            invocation.Output.WriteLine("no node used anything in that month");
            return;
        }
        var table = Tables.Of("NODE", "RELAYED", "CONTROL");
        foreach (var node in list.Items.OrderByDescending(static one => one.RelayedBytes)) { table.AddRow(node.Node.Length == 0 ? "others" : Escape(node.Node), Sizes.Of(node.RelayedBytes), Sizes.Of(node.ControlBytes)); }
        invocation.Print(table);
    }

    private static string Escape(string text) => Markup.Escape(ControlPlaneCall.Plain(text));
}
