using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco pub</c>: publishes to a topic.</summary>
internal static class PubCommand
{
    public static Command Make(Shell shell)
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic, such as home/kitchen/temperature" };
        var text = new Argument<string?>("TEXT") { Description = "The message; without it, or with -, standard input", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Publish what is in this file", HelpName = "FILE" };
        var retain = new Option<bool>("--retain") { Description = "It is the topic's value: who subscribes later gets it first" };
        var acknowledge = new Option<bool>("--ack") { Description = "Wait until all subscribers that are connected have it" };
        var network = CommonOptions.Network(shell);
        return new Command("pub", "Publish a message to a topic") { topic, text, file, retain, acknowledge, network }
            .WithExamples("coco pub home/kitchen/temperature 21.5 --retain", "date | coco pub home/time --ack")
            .Runs(shell, async invocation =>
            {
                var wish = new PublishWish
                {
                    Topic = invocation.Need(topic), Retain = invocation.Get(retain), Acknowledge = invocation.Get(acknowledge),
                    Data = await Payload.ReadAsync(invocation.Get(text), invocation.Get(file), invocation.Stopping),
                };
                var path = Route.To("/v1/topics", ("network", invocation.Get(network)));
                var done = await invocation.WaitAsync("Waiting for subscribers", invocation.Daemon.PostAsync<PublishWish, Done>(path, wish, invocation.Stopping));
                invocation.Print(done, static _ => { });
            });
    }
}
