using System.Diagnostics;
using System.Text.Json;
using Coco.Cli.Api;

namespace Coco.Cli.Demo;

/// <summary>A message with its receipt, and one to somebody who is away.</summary>
internal static class MessageStep
{
    private const string Now = "hello";
    private const string Later = "see you tomorrow";

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var (tale, alice, bob) = (stage.Tale, stage.Alice, stage.Bob);
        tale.Heading("messages", "Messages: sealed for bob, and kept while he is away");
        tale.Command(alice, $"coco send bob '{Now}' --wait 20s");
        var begin = Stopwatch.GetTimestamp();
        var sent = await tale.DuringAsync("Waiting for the receipt", alice.AskAsync<SentView>(["send", "bob", Now, "--wait", "20s"], stopping));
        var took = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        DemoTale.Require(sent.Status == "delivered", $"the message is {sent.Status}");
        tale.Command(bob, "coco inbox");
        var got = await ReceiveAsync(bob, stopping);
        DemoTale.Require(got == Now, $"bob got \"{got}\"");
        tale.Found($"bob reads \"{got}\"; his receipt was with alice {DemoTale.Time(took)} after she pressed return");
        tale.Figure("Message, to the receipt", took, "ms", DemoTale.Time(took));

        tale.Command(bob, "coco down");
        await tale.DuringAsync("Stopping bob", bob.DownAsync(stopping));
        tale.Command(alice, $"coco send bob '{Later}'");
        sent = await alice.AskAsync<SentView>(["send", "bob", Later], stopping);
        DemoTale.Require(sent.Status != "delivered", "a message was delivered to a daemon that does not run");
        tale.Say($"bob is away; the message is {sent.Status} at alice, on her disk");
        tale.Command(bob, "coco up --background");
        await tale.DuringAsync("Starting bob", bob.UpAsync(stage.RelayOptions, stopping));
        begin = Stopwatch.GetTimestamp();
        tale.Command(bob, "coco inbox --follow");
        got = await tale.DuringAsync("Waiting for the message", ReceiveAsync(bob, stopping));
        took = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        DemoTale.Require(got == Later, $"bob got \"{got}\"");
        tale.Found($"bob is back, and reads \"{got}\" {DemoTale.Time(took)} after his daemon is up");
        tale.Figure("Message to somebody who was away, after he is back", took, "ms", DemoTale.Time(took));
    }

    private static async Task<string?> ReceiveAsync(DemoMember member, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(DemoStage.Patience);
        try
        {
            while (true)
            {
                var lines = (await member.RunAsync(["inbox", "--json"], patience.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                if (lines.Length > 0) { return JsonSerializer.Deserialize(lines[^1], ApiJson.Default.MessageView)!.Text; }
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return null;
        }
    }
}
