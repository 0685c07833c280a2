namespace Coco.Transport.Tests.Endpoints;

/// <summary>Small writes to an endpoint that sleeps are sent on the writer's thread, with one owner of the endpoint at any time.</summary>
[Collection(nameof(EndpointCostTests))]
public sealed class LentLoopTests
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Fact]
    public async Task A_small_write_to_an_endpoint_that_sleeps_is_sent_when_the_call_returns()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        using var over = new CancellationTokenSource(Patience);
        for (var sentAtOnce = 0; sentAtOnce < 20;) // an endpoint may be awake for reasons of its own, the longer the busier the machine
        {
            over.Token.ThrowIfCancellationRequested();
            await Pause();
            var writing = client.WriteAsync(new byte[100], over.Token);
            if (writing.IsCompleted) { sentAtOnce++; }
            await writing;
            await server.ReadExactlyAsync(new byte[100], over.Token);
        }
    }

    [Fact]
    public async Task Many_threads_that_write_at_any_time_and_in_both_directions_change_nothing_of_what_arrives()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        var work = new List<Task>();
        for (var number = 0; number < 8; number++)
        {
            var (near, far) = await EndpointPair.OpenStreamAsync(client, server);
            work.AddRange([WriteAsync(near, number), WriteAsync(far, ~number), CheckAsync(far, number), CheckAsync(near, ~number)]);
        }

        await Task.WhenAll(work).WaitAsync(Patience);

        static Task WriteAsync(ConnectionStream stream, int seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            var content = new Random(~seed);
            for (var i = 0; i < 400; i++)
            {
                var piece = new byte[random.Next(1, 6000)];
                content.NextBytes(piece);
                await stream.WriteAsync(piece);
                if (random.Next(4) == 0) { await Pause(); } // so that endpoints fall asleep in between
            }
            await stream.CompleteWritesAsync();
        });

        static Task CheckAsync(ConnectionStream stream, int seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            var content = new Random(~seed);
            for (var i = 0; i < 400; i++)
            {
                var expected = new byte[random.Next(1, 6000)];
                content.NextBytes(expected);
                var piece = new byte[expected.Length];
                await stream.ReadExactlyAsync(piece);
                Assert.Equal(expected, piece);
                _ = random.Next(4);
            }
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        });
    }

    private static Task Pause() => Task.Delay(2);
}
