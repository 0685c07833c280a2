using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco send</c>: sends a message, to whoever is there or will be.</summary>
internal static class SendCommand
{
    public static Command Make(Shell shell)
    {
        var node = CommonArguments.Node(shell);
        var text = new Argument<string?>("TEXT") { Description = "The message; without it, or with -, standard input", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Send what is in this file", HelpName = "FILE" };
        var subject = new Option<string>("--subject", "-s") { Description = "What it is about, by which receivers choose", HelpName = "TEXT", DefaultValueFactory = static _ => "" };
        var keep = new Option<string?>("--keep") { Description = "How long it is kept for a receiver who is away, such as 1h; 7 days otherwise", HelpName = "TIME" };
        var wait = new Option<string?>("--wait") { Description = "Wait so long for it to be delivered, and end with 6 where it was not", HelpName = "TIME" };
        var network = CommonOptions.Network(shell);
        return new Command("send", "Send a message to a node, which gets it once, now or when it is back") { node, text, file, subject, keep, wait, network }
            .WithExamples("coco send kitchen 'dinner is ready'", "coco send kitchen --file list.txt --subject shopping", "date | coco send kitchen --wait 10s")
            .Runs(shell, async invocation =>
            {
                var patience = invocation.Get(wait) is { } time ? Durations.Parse(time) : TimeSpan.Zero;
                var wish = new SendWish
                {
                    To = invocation.Need(node), Subject = invocation.Get(subject) ?? "", WaitSeconds = patience.TotalSeconds,
                    TimeToLiveSeconds = invocation.Get(keep) is { } kept ? Durations.Parse(kept).TotalSeconds : null,
                    Data = await Payload.ReadAsync(invocation.Get(text), invocation.Get(file), invocation.Stopping),
                };
                var path = Route.To("/v1/messages", ("network", invocation.Get(network)));
                var sent = await invocation.WaitAsync($"Waiting for {wish.To}", invocation.Daemon.PostAsync<SendWish, SentView>(path, wish, invocation.Stopping));
                invocation.Print(sent, _ => invocation.Output.WriteLine(
                    sent.Status == "delivered" ? $"Delivered to {sent.To}." : $"On its way to {sent.To}, and kept until {sent.Expires.ToLocalTime():yyyy-MM-dd HH:mm}."));
                if (patience > TimeSpan.Zero && sent.Status != "delivered")
                {
                    throw new CommandException(ExitCode.Unreachable, $"{sent.To} has not got it yet. It is kept, and delivered when there is a way.");
                }
            });
    }
}
