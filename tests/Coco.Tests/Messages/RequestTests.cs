using Coco.Tests.Networks;
using static Coco.Tests.Messages.MessageScene;

namespace Coco.Tests.Messages;

public sealed class RequestTests
{
    [Fact]
    public async Task A_request_gets_its_answer()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);
        var serving = ServeAsync(nodes[1], 100, network.Patience);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => nodes[0].Messages.RequestAsync(nodes[1].Id, "echo", Bytes($"{i}"), TimeSpan.FromSeconds(20), network.Patience)));

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}!"), answers.Select(System.Text.Encoding.UTF8.GetString));
        await serving;
    }

    [Fact]
    public async Task A_deadline_is_a_timeout_that_says_whom_and_what_and_the_request_is_withdrawn()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => nodes[0].Messages.RequestAsync(nodes[1].Id, "echo", Bytes("1"), TimeSpan.FromSeconds(0.5), network.Patience));

        Assert.Contains(nodes[1].Id.ToString(), failure.Message);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(network.Patience);
        var serving = ServeAsync(nodes[1], int.MaxValue, enough.Token); // the withdrawal may still be on its way
        Assert.Equal("2!", System.Text.Encoding.UTF8.GetString(await nodes[0].Messages.RequestAsync(nodes[1].Id, "echo", Bytes("2"), TimeSpan.FromSeconds(20), network.Patience)));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    [Fact]
    public async Task A_request_that_finds_nobody_waits_for_the_peer_to_come_back()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var id = bob.Id;
        await bob.DisposeAsync();
        var asking = ada.Messages.RequestAsync(id, "echo", Bytes("1"), TimeSpan.FromSeconds(25), scene.Patience);
        bob = await scene.StartAgainAsync("bob");
        var serving = ServeAsync(bob, 1, scene.Patience);

        Assert.Equal("1!", System.Text.Encoding.UTF8.GetString(await asking));
        await serving;
    }

    private static async Task ServeAsync(Node node, int count, CancellationToken cancellationToken)
    {
        await foreach (var request in node.Messages.ReceiveAsync("echo", cancellationToken))
        {
            Assert.True(request.IsRequest);
            await request.ReplyAsync(Bytes(Text(request) + "!"), cancellationToken);
            if (--count == 0) { break; }
        }
    }
}
