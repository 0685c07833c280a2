using System.CommandLine;
using Coco.Cli.Api;

namespace Coco.Cli.Commands;

/// <summary><c>coco join</c>: joins a network by a ticket or a link.</summary>
internal static class JoinCommand
{
    public static Command Make(Shell shell)
    {
        var ticket = new Argument<string>("TICKET") { Description = "The ticket or the link, as `coco invite` printed it; - reads it from standard input" };
        var nodeName = CommonOptions.NodeName();
        return new Command("join", "Join a network with a ticket or a link") { ticket, nodeName }
            .WithExamples("coco join coco1…", "coco join 'https://control.example/join/inv_…#coco1…'", "coco join - < ticket.txt", "coco join coco1… --node-name kitchen")
            .Runs(shell, async invocation =>
            {
                var text = invocation.Need(ticket);
                if (text == "-") { text = await Console.In.ReadToEndAsync(invocation.Stopping); }
                var wish = new JoinWish(text, invocation.Get(nodeName));
                var network = await invocation.WaitAsync(
                    "Calling the one who invited you", invocation.Daemon.PostAsync<JoinWish, NetworkView>("/v1/join", wish, invocation.Stopping));
                invocation.Print(network, _ => invocation.Output.WriteLine(
                    $"You are in {network.Name}, as {network.Role}. This node is called {network.NodeName}. `coco peers` shows who is there."));
            });
    }
}
