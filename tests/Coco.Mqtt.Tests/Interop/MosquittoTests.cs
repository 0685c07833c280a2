using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Interop;

public sealed class MosquittoTests
{
    [Theory]
    [InlineData("mqttv311", "0")]
    [InlineData("mqttv311", "1")]
    [InlineData("mqttv311", "2")]
    [InlineData("mqttv5", "0")]
    [InlineData("mqttv5", "1")]
    [InlineData("mqttv5", "2")]
    public async Task Mosquitto_hears_every_line_that_mosquitto_publishes(string version, string qos)
    {
        Needs.Mosquitto();
        await using var edge = await TestEdge.StartAsync();
        using var subscriber = await ForeignClient.SubscribeAsync(edge, "-V", version, "-q", qos, "-t", "lines/+", "-C", "2001");

        using var publisher = ForeignClient.Mosquitto("mosquitto_pub", edge, "-V", version, "-q", qos, "-t", "lines/a", "-l");
        for (var line = 0; line < 2000; line++) { await publisher.Input.WriteLineAsync($"line {line}"); }
        publisher.Input.Close();
        await publisher.EndAsync();

        var lines = (await subscriber.EndAsync()).Split('\n').Where(static line => line.StartsWith("line ", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, 2000).Select(static line => $"line {line}"), lines);
    }

    [Fact]
    public async Task Mosquitto_gets_retained_messages_and_wills()
    {
        Needs.Mosquitto();
        await using var edge = await TestEdge.StartAsync();
        using (var publisher = ForeignClient.Mosquitto("mosquitto_pub", edge, "-r", "-q", "1", "-t", "state", "-m", "on")) { await publisher.EndAsync(); }
        using var subscriber = ForeignClient.Mosquitto("mosquitto_sub", edge, "-V", "5", "-t", "state", "-t", "will", "-C", "2", "-F", "%t %p %r");
        Assert.Equal("state on 1", await subscriber.ReadLineAsync());

        using var lost = await ForeignClient.SubscribeAsync(edge, "-V", "5", "--will-topic", "will", "--will-payload", "lost");
        lost.Kill();

        Assert.Equal("will lost 0", await subscriber.ReadLineAsync());
    }

    [Fact]
    public async Task Mosquitto_finds_its_session_again()
    {
        Needs.Mosquitto();
        await using var edge = await TestEdge.StartAsync();
        string[] session = ["-i", "sleeper", "-c", "-V", "5", "-x", "300", "-q", "2", "-t", "a/#"];
        using (var first = ForeignClient.Mosquitto("mosquitto_sub", edge, [.. session, "-E"])) { await first.EndAsync(); }
        using (var publisher = ForeignClient.Mosquitto("mosquitto_pub", edge, "-q", "2", "-t", "a/b", "-m", "kept")) { await publisher.EndAsync(); }

        using var second = ForeignClient.Mosquitto("mosquitto_sub", edge, [.. session, "-C", "1"]);

        Assert.Equal("kept\n", await second.EndAsync());
    }

    [Fact]
    public async Task Mosquitto_shares_a_subscription()
    {
        Needs.Mosquitto();
        await using var edge = await TestEdge.StartAsync();
        using var first = await ForeignClient.SubscribeAsync(edge, "-V", "5", "-t", "$share/g/work", "-q", "1", "-C", "52"); // the second makes "subscribed" come again
        using var second = await ForeignClient.SubscribeAsync(edge, "-V", "5", "-t", "$share/g/work", "-q", "1", "-C", "51");

        using var publisher = ForeignClient.Mosquitto("mosquitto_pub", edge, "-V", "5", "-q", "1", "-t", "work", "-l");
        for (var line = 0; line < 100; line++) { await publisher.Input.WriteLineAsync($"job {line}"); }
        publisher.Input.Close();
        await publisher.EndAsync();

        var jobs = (await first.EndAsync() + await second.EndAsync()).Split('\n').Where(static line => line.StartsWith("job ", StringComparison.Ordinal));
        Assert.Equal(100, jobs.Distinct().Count());
    }
}
