using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Cli.Control;
using Coco.Cluster.Invitations;

namespace Coco.Cli.Commands;

/// <summary><c>coco invite</c>: makes a ticket, or a link.</summary>
internal static class InviteCommand
{
    public static Command Make(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        var role = new Option<string>("--role") { Description = "What the newcomer may do: guest or admin", HelpName = "ROLE", DefaultValueFactory = static _ => "guest" };
        role.CompletionSources.Add("guest", "admin");
        var subCluster = new Option<string?>("--sub-cluster") { Description = "Which part of the network the newcomer belongs to; its app's, or the core, otherwise", HelpName = "NAME" };
        var expiry = new Option<string>("--expires") { Description = "How long the ticket is good, such as 30m, 12h or 7d", HelpName = "TIME", DefaultValueFactory = static _ => "1d" };
        var tags = new Option<string[]>("--tag") { Description = "A label that policies name, several times", HelpName = "TAG" };
        var noCode = new Option<bool>("--no-qr") { Description = "Do not draw the ticket as a QR code" };
        var isLink = new Option<bool>("--link") { Description = $"Make a link at a control plane instead, with the token in {ControlPlaneCall.TokenVariable}" };
        var control = InviteLinkCommands.Control();
        var note = new Option<string?>("--note") { Description = "With a link: have the control plane tell this address by mail that the link will come from you. The link itself you send", HelpName = "ADDRESS" };
        return new Command("invite", "Make a ticket, or a link, with which one more node can join")
        {
            network, role, subCluster, expiry, tags, noCode, isLink, control, note, InviteLinkCommands.List(shell), InviteLinkCommands.Note(shell), InviteLinkCommands.Answer(shell), InviteLinkCommands.Revoke(shell),
        }
            .WithExamples(
                "coco invite", "coco invite --role admin --expires 1h", "coco invite --network home --sub-cluster kitchen --no-qr",
                $"{ControlPlaneCall.TokenVariable}=… coco invite --link --control https://control.example --note grace@example.org", "coco invite list", "coco invite revoke inv_…")
            .Runs(shell, async invocation =>
            {
                var wish = new InviteWish
                {
                    Role = invocation.Get(role)!, SubCluster = invocation.Get(subCluster), LifetimeSeconds = Durations.Parse(invocation.Get(expiry)!).TotalSeconds,
                    Tags = invocation.Get(tags) ?? [],
                };
                if (invocation.Get(isLink))
                {
                    await InviteLinkCommands.MakeAsync(invocation, network, invocation.Get(control), wish, invocation.Get(note));
                    return;
                }
                if (invocation.Get(control) is not null || invocation.Get(note) is not null) { throw new CommandException(ExitCode.Usage, "--control and --note are for links. Say --link as well."); }
                var path = Route.To("/v1/invitations", ("network", invocation.Get(network)));
                var ticket = await invocation.WaitAsync("Making a ticket", invocation.Daemon.PostAsync<InviteWish, TicketView>(path, wish, invocation.Stopping));
                invocation.Print(ticket, _ => Tell(invocation, ticket, withCode: !invocation.Get(noCode) && invocation.Shell.IsTerminal));
            });
    }

    private static void Tell(Invocation invocation, TicketView ticket, bool withCode)
    {
        if (withCode && Ticket.TryParse(ticket.Ticket, out var parsed)) { invocation.Output.WriteLine(parsed.ToQrCode()); }
        invocation.Output.WriteLine(ticket.Ticket);
        // Beside the result: the ticket is all that a script gets.
        invocation.Shell.Error.WriteLine(
            $"One node can join {ticket.Network} with it as {ticket.Role}, until {ticket.Expires.ToLocalTime():yyyy-MM-dd HH:mm}, by `coco join`. Pass it on as you would a key.");
    }
}
