using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco inbox</c>: takes the messages that came.</summary>
internal static class InboxCommand
{
    public static Command Make(Shell shell)
    {
        var subject = new Option<string?>("--subject", "-s") { Description = "Messages with this subject only", HelpName = "TEXT" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes, until it is interrupted" };
        var keep = new Option<bool>("--keep") { Description = "Leave them: they are shown again the next time" };
        var network = CommonOptions.Network(shell);
        return new Command("inbox", "Show the messages that came, and take them out: each once it is printed") { subject, follow, keep, network }
            .WithExamples("coco inbox", "coco inbox --follow --json", "coco inbox --subject shopping --keep")
            .Runs(shell, async invocation =>
            {
                var query = ("network", invocation.Get(network));
                var lines = invocation.Daemon.LinesAsync<InboxWish, MessageView>(
                    Route.To("/v1/inbox", query), new(invocation.Get(subject), invocation.Get(follow)), invocation.Stopping);
                try
                {
                    await foreach (var message in lines)
                    {
                        invocation.Print(message, _ => Tell(invocation, message));
                        await invocation.Output.FlushAsync(invocation.Stopping);
                        if (invocation.Get(keep)) { continue; }
                        await invocation.Daemon.PostAsync<CompleteWish, Done>(Route.To("/v1/inbox/complete", query), new(message.Id, message.FromId), invocation.Stopping);
                    }
                }
                catch (OperationCanceledException) when (invocation.Get(follow))
                {
                    // That is how following ends.
                }
            });
    }

    private static void Tell(Invocation invocation, MessageView message)
    {
        var about = message.Subject.Length > 0 ? $" about {message.Subject}" : "";
        var again = message.Redelivered ? ", shown before" : "";
        invocation.Output.WriteLine($"{message.SentAt.ToLocalTime():yyyy-MM-dd HH:mm:ss} {message.From}{about}{again}: {message.Text ?? $"{message.Data.Length} bytes that are no text: --json shows them"}");
    }
}
