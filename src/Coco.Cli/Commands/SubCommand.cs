using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco sub</c>: prints what is published to topics.</summary>
internal static class SubCommand
{
    public static Command Make(Shell shell)
    {
        var filter = new Argument<string>("FILTER") { Description = "Which topics: + is any one level, # all below, as home/+/temperature and home/#" };
        var count = new Option<int>("--count", "-c") { Description = "End after so many messages; 0 goes on until it is interrupted", HelpName = "COUNT" };
        var history = new Option<int>("--history") { Description = "Begin with so many of the last messages of each publisher's topic", HelpName = "COUNT" };
        var fresh = new Option<bool>("--no-retained") { Description = "New messages only, no values from before" };
        var network = CommonOptions.Network(shell);
        return new Command("sub", "Print what is published to topics") { filter, count, history, fresh, network }
            .WithExamples("coco sub 'home/+/temperature'", "coco sub 'home/#' --json", "coco sub home/time --count 1")
            .Runs(shell, async invocation =>
            {
                var wish = new SubscribeWish(invocation.Need(filter), Math.Max(0, invocation.Get(history)), !invocation.Get(fresh));
                var left = invocation.Get(count);
                var path = Route.To("/v1/topics/subscribe", ("network", invocation.Get(network)));
                try
                {
                    await foreach (var message in invocation.Daemon.LinesAsync<SubscribeWish, TopicView>(path, wish, invocation.Stopping))
                    {
                        invocation.Print(message, _ => Tell(invocation, message));
                        await invocation.Output.FlushAsync(invocation.Stopping);
                        if (--left == 0) { return; }
                    }
                }
                catch (OperationCanceledException) when (invocation.Get(count) == 0)
                {
                    // That is how subscribing ends.
                }
            });
    }

    private static void Tell(Invocation invocation, TopicView message)
    {
        if (message.Missed > 0) { invocation.Shell.Error.WriteLine($"coco: {message.Missed} messages of {message.Publisher} were missed before the next"); }
        invocation.Output.WriteLine($"{message.Topic} {message.Text ?? Convert.ToHexStringLower(message.Data)}");
    }
}
