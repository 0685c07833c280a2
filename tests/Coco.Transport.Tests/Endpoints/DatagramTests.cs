namespace Coco.Transport.Tests.Endpoints;

public sealed class DatagramTests
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Datagrams_arrive_whole_and_empty_ones_too(bool inline)
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { InlineContinuations = inline });
        var (client, server) = await pair.ConnectAsync();
        var buffer = new byte[2000];

        foreach (var length in new[] { 1, 0, 1000 })
        {
            var received = server.ReceiveDatagramAsync(buffer).AsTask();
            Assert.True(client.TrySendDatagram(Enumerable.Repeat((byte)length, length).ToArray()));

            Assert.Equal(length, await received.WaitAsync(Patience));
            Assert.All(buffer[..length], value => Assert.Equal((byte)length, value));
        }
    }

    [Fact]
    public async Task Sending_waits_for_room_and_never_fails_for_want_of_it()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        var received = 0;
        var receiving = Task.Run(async () =>
        {
            var buffer = new byte[100];
            while (await server.ReceiveDatagramAsync(buffer) != 1) { received++; }
        });

        var sent = 0;
        for (; sent < 20_000; sent++) { await client.SendDatagramAsync(new byte[100]).AsTask().WaitAsync(Patience); }

        // Some may be dropped where the receiver is slower; the last is sent until it arrives.
        while (!receiving.IsCompleted)
        {
            await client.SendDatagramAsync(new byte[1]).AsTask().WaitAsync(Patience);
            await Task.WhenAny(receiving, Task.Delay(10));
        }
        Assert.InRange(received, 100, sent);
    }

    [Fact]
    public async Task A_datagram_that_cannot_fit_is_refused_with_the_limit()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, _) = await pair.ConnectAsync();
        var tooLong = new byte[client.MaxDatagramLength + 2000];

        Assert.False(client.TrySendDatagram(tooLong));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendDatagramAsync(tooLong).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Waiting_for_a_datagram_can_be_cancelled_and_ends_with_the_connection()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var cancelled = server.ReceiveDatagramAsync(new byte[10], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Patience));

        var waiting = server.ReceiveDatagramAsync(new byte[10]).AsTask();
        await client.CloseAsync(3);

        var exception = await Assert.ThrowsAsync<TransportException>(() => waiting.WaitAsync(Patience));
        Assert.Equal(3ul, exception.ApplicationCode);
        await Assert.ThrowsAsync<TransportException>(() => server.SendDatagramAsync(new byte[1]).AsTask().WaitAsync(Patience));
    }
}
