using System.Net;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Tests.Hosting;

public sealed class FrameStreamTests
{
    private const int Frames = 200;
    private const int FrameLength = 20;

    [Fact]
    public async Task What_waits_is_sent_in_order_and_in_few_packets()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var key = IdentityKey.Generate();
        await using var callee = await StartAsync(key, patience.Token);
        await using var caller = await StartAsync(IdentityKey.Generate(), patience.Token);
        await using var call = await caller.ConnectAsync(key.Id, new() { Addresses = [.. callee.LocalEndPoints] }, patience.Token);
        await using var answer = await callee.AcceptAsync(patience.Token);

        var stream = await call.OpenStreamAsync(cancellationToken: patience.Token);
        var frames = new FrameStream(stream);
        for (var i = 0; i < Frames; i++) { Assert.True(frames.TrySend(Enumerable.Repeat((byte)i, FrameLength).ToArray())); }
        Assert.True(frames.TrySend(new byte[20_000])); // more than is gathered
        frames.Complete();
        var before = call.Statistics.PacketsSent;
        await frames.WriteAsync();

        var taken = new byte[(Frames * FrameLength) + 20_000];
        await (await answer.AcceptStreamAsync(patience.Token)).ReadExactlyAsync(taken, patience.Token);
        for (var i = 0; i < Frames * FrameLength; i++) { Assert.Equal((byte)(i / FrameLength), taken[i]); }
        Assert.All(taken[(Frames * FrameLength)..], static rest => Assert.Equal(0, rest));

        await call.CloseAsync();
        Assert.InRange(call.Statistics.PacketsSent - before, 1, Frames / 2);
    }

    private static Task<Endpoint> StartAsync(IdentityKey key, CancellationToken patience) =>
        Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)] }, patience);
}
