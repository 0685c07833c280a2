using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Cli.Control;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco invite --link</c>, <c>list</c>, <c>note</c>, <c>answer</c> and <c>revoke</c>: invitations by link at a control plane.</summary>
internal static class InviteLinkCommands
{
    private const string Scope = "networks:write";

    public static Option<string?> Control() => new("--control") { Description = "Which control plane; not needed where the network lists one", HelpName = "URL" };

    public static async Task MakeAsync(Invocation invocation, Option<string?> network, string? control, InviteWish wish, string? note)
    {
        var made = await invocation.WaitAsync(
            "Making a link", invocation.Daemon.PostAsync<LinkWish, LinkView>(To(invocation, network), new(Checked(control), ControlPlaneCall.TokenOf(invocation.Shell, Scope), wish, note), invocation.Stopping));
        invocation.Print(made, _ =>
        {
            invocation.Output.WriteLine(made.Link);
            // Beside the result: the link is all that a script gets.
            invocation.Shell.Error.WriteLine(
                $"One node can join {made.Network} with it as {made.Role}, until {made.Expires.ToLocalTime():yyyy-MM-dd HH:mm}, while this device is on. Whoever has it can: send it to nobody else. "
                + $"`coco invite revoke {made.Invitation}` takes it back.");
            if (note is not null && made.NoteProblem is null) { invocation.Shell.Error.WriteLine("The control plane was asked for a note; whether the address gets any it tells nobody. The link is yours to send."); }
        });
        if (made.NoteProblem is { } problem) { invocation.Shell.Error.WriteLine($"The link is made, and the note is not sent: {Trouble.Sentence(problem)}"); }
    }

    public static Command List(Shell shell)
    {
        var (control, network) = (Control(), CommonOptions.Network(shell));
        return new Command("list", $"List invitations by link at a control plane, with the token in {ControlPlaneCall.TokenVariable}") { control, network }
            .WithExamples("coco invite list", "coco invite list --control https://control.example --network home")
            .Runs(shell, async invocation =>
            {
                var list = await AskAsync<LinkList>(invocation, network, "/list", control);
                invocation.Print(list, _ => Tell(invocation, list));
            });
    }

    public static Command Note(Shell shell)
    {
        var (which, to) = (Which(), new Argument<string>("ADDRESS") { Description = "The address of mail" });
        var (control, network) = (Control(), CommonOptions.Network(shell));
        return new Command("note", "Have the control plane tell somebody by mail that you invite, and that the link comes from you. The link is not in it") { which, to, control, network }
            .WithExamples("coco invite note inv_… grace@example.org")
            .Runs(shell, async invocation =>
            {
                var done = await AskAsync<Done>(invocation, network, "/notes", control, invocation.Need(which), invocation.Need(to));
                invocation.Print(done, _ => invocation.Output.WriteLine("The control plane was asked for a note; whether the address gets any it tells nobody. Send the link yourself."));
            });
    }

    public static Command Revoke(Shell shell)
    {
        var (which, control, network) = (Which(), Control(), CommonOptions.Network(shell));
        return new Command("revoke", "Take back a link that nobody has used") { which, control, network }
            .WithExamples("coco invite revoke inv_…", "coco invite revoke 'https://control.example/join/inv_…#coco1…'")
            .Runs(shell, async invocation =>
            {
                var done = await AskAsync<LinkRevoked>(invocation, network, "/revocations", control, invocation.Need(which));
                invocation.Print(done, _ => invocation.Output.WriteLine(
                    done.IsTicketRevoked
                        ? $"{done.Invitation} is good no more."
                        : $"{done.Invitation} is taken back at {done.Control}. The ticket in its link is not one that this device can take back: where another device made it, run this there, too."));
            });
    }

    public static Command Answer(Shell shell)
    {
        var link = new Argument<string>("LINK") { Description = "The link, as `coco invite --link` printed it; - reads it from standard input" };
        var (control, network) = (Control(), CommonOptions.Network(shell));
        return new Command("answer", "Let in who asked by a link while this device was off, if somebody has") { link, control, network }
            .WithExamples("coco invite answer 'https://control.example/join/inv_…#coco1…'", "coco invite answer - < link.txt")
            .Runs(shell, async invocation =>
            {
                var text = invocation.Need(link);
                if (text == "-") { text = await Console.In.ReadToEndAsync(invocation.Stopping); }
                var done = await AskAsync<LinkAnswered>(invocation, network, "/answers", control, text);
                invocation.Print(done, _ => invocation.Output.WriteLine(
                    done.Node is { } node ? $"{node} is let in to {done.Network}, and nobody else gets in by this link." : "Nobody has asked by this link. It is good still."));
            });
    }

    private static Argument<string> Which() => new("INVITATION") { Description = "The invitation, by the name that `coco invite list` shows, or by its link" };

    private static Task<T> AskAsync<T>(Invocation invocation, Option<string?> network, string path, Option<string?> control, string? which = null, string? to = null)
    {
        var question = new LinkQuestion(Checked(invocation.Get(control)), ControlPlaneCall.TokenOf(invocation.Shell, Scope), which, to);
        return invocation.WaitAsync("Asking the control plane", invocation.Daemon.PostAsync<LinkQuestion, T>(To(invocation, network, path), question, invocation.Stopping));
    }

    // Before the token leaves this process.
    private static string? Checked(string? control)
    {
        if (control is not null) { _ = ControlPlaneCall.OriginOf(control); }
        return control;
    }

    private static string To(Invocation invocation, Option<string?> network, string path = "") => Route.To("/v1/links" + path, ("network", invocation.Get(network)));

    private static void Tell(Invocation invocation, LinkList list)
    {
        if (list.Invitations.Count == 0)
        {
            invocation.Output.WriteLine($"network {list.Network} has no invitations at {list.Control}: `coco invite --link` makes one");
            return;
        }
        var table = Tables.Of("INVITATION", "STATE", "ROLE", "SUB-CLUSTER", "UNTIL");
        foreach (var one in list.Invitations.OrderBy(static one => one.Created))
        {
            table.AddRow(Escape(one.Id), Escape(one.State), Escape(one.Role), Escape(one.SubCluster ?? ""), $"{one.Expires.ToLocalTime():yyyy-MM-dd HH:mm}");
        }
        invocation.Print(table);
    }

    private static string Escape(string text) => Markup.Escape(ControlPlaneCall.Plain(text));
}
