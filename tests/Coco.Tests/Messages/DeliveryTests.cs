using Coco.Tests.Networks;

namespace Coco.Tests.Messages;

/// <summary>
/// Nodes in processes of their own that send to each other while they are killed (SIGKILL), started again and stopped for seconds (as by a partition): every message that
/// was queued arrives, in order, and what was completed is not handed out again. With COCO_ALL=1 ten nodes and 100,000 messages.
/// </summary>
public sealed class DeliveryTests(ITestOutputHelper output)
{
    private static readonly bool IsAll = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly int Nodes = IsAll ? 10 : 3;
    private static readonly int Messages = IsAll ? 1112 : 400; // of each to each
    private static readonly int Kills = IsAll ? 40 : 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(IsAll ? 1200 : 400);

    [Fact]
    public async Task Messages_of_nodes_that_are_killed_and_partitioned_arrive_in_order_and_none_that_was_completed_comes_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kills by signals of Linux.");
        using var patience = new CancellationTokenSource(IsAll ? TimeSpan.FromMinutes(15) : TimeSpan.FromMinutes(4));
        var root = Directory.CreateTempSubdirectory("coco-delivery-");
        await using var hub = await Node.CreateNetworkAsync(new() { Name = "home" }, TestNetwork.Options("hub"), patience.Token);
        var children = new MortalNode[Nodes];
        try
        {
            for (var i = 0; i < Nodes; i++)
            {
                var ticket = (await hub.InviteAsync(null, patience.Token)).ToText();
                var folder = Directory.CreateDirectory(Path.Combine(root.FullName, $"node{i}")).FullName;
                children[i] = new(folder, () => MessageChild.Start(folder, ticket, Messages, Pause));
                await children[i].StartAsync(patience.Token);
            }
            foreach (var child in children) { await child.SendToAsync(children); }
            await DisturbAsync(children, patience.Token);
            while (children.Any(child => !child.HasAll(children, Messages))) { await Task.Delay(IsAll ? 2000 : 200, patience.Token); }
            foreach (var child in children) { child.Check(children, Messages); }
            var (handled, again) = (children.Sum(static child => child.Begun), children.Sum(static child => child.Redelivered));
            output.WriteLine($"{Nodes} nodes, {Nodes * (Nodes - 1) * Messages} messages, {Kills} kills and stops: {handled} handed out, {again} of them again");
        }
        finally
        {
            foreach (var child in children) { child?.Dispose(); }
            root.Delete(recursive: true);
        }
    }

    private static async Task DisturbAsync(MortalNode[] children, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        for (var i = 0; i < Kills; i++)
        {
            await Task.Delay(random.Next(200, 1500), cancellationToken);
            var child = children[random.Next(children.Length)];
            if (i % 3 == 2)
            {
                child.Signal(MortalNode.Stop);
                await Task.Delay(random.Next(500, 3000), cancellationToken);
                child.Signal(MortalNode.Continue);
                continue;
            }
            await child.CrashAsync(children, cancellationToken);
        }
    }
}
