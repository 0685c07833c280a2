using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Coco.Mqtt.Hosting;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Crashes;

namespace Coco.Mqtt.Tests.Hosting;

/// <summary>As many clients at once as an edge takes by itself. With COCO_ALL=1 ten thousand; what they take of its memory goes to $COCO_FIGURES.</summary>
public sealed class ManyClientTests
{
    private static readonly int Clients = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 10_000 : 500;

    [Fact]
    public async Task Many_clients_are_served_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "memory and files are read from /proc");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var folder = Directory.CreateTempSubdirectory("coco-mqtt");
        using var edge = new MortalEdge(folder.FullName, ""); // a process of its own, so that clients and server need not share its files and memory
        await edge.StartAsync(patience.Token);
        var clients = new List<RawClient>();
        try
        {
            for (var i = 0; i < 50; i++) { clients.Add(await BeginAsync(edge, clients.Count, patience.Token)); } // what the first cost is the program's own
            var empty = MemoryOf(edge);
            while (clients.Count < Clients) { clients.Add(await BeginAsync(edge, clients.Count, patience.Token)); }
            var idle = MemoryOf(edge);
            foreach (var client in clients) { await client.SubscribeAsync("all/+", 1); }
            for (var i = 0; i < clients.Count; i++) { for (var j = 0; j < 4; j++) { await clients[i].SubscribeAsync($"of/{i}/{j}", 1); } }
            var subscribed = MemoryOf(edge);

            await clients[0].SendAsync(new PublishPacket { Topic = "all/news", Payload = "x"u8.ToArray(), Qos = Qos.AtLeastOnce, PacketId = 1 });
            var heard = 0;
            foreach (var client in clients)
            {
                var packet = await client.ReceiveAsync();
                if (packet is AckPacket) { packet = await client.ReceiveAsync(); } // the publisher's own acknowledgement may come first
                Assert.Equal("all/news", Assert.IsType<PublishPacket>(packet).Topic);
                heard++;
            }
            Assert.Equal(Clients, heard);
            var busy = MemoryOf(edge);
            Assert.InRange((idle - empty) / (Clients - 50), 0, 48 << 10); // chosen: five times what was measured
            Tell($"MQTT, {Clients:N0} clients in one edge: memory of an idle connection, with 5 subscriptions, after a message", $"{Each(idle, empty)}, {Each(subscribed, empty)}, {Each(busy, empty)}");
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
            edge.Kill();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task One_client_more_than_there_may_be_is_let_in_when_another_has_gone()
    {
        await using var edge = await TestEdge.StartAsync(new() { Limits = new() { MaxConnections = 2 } });
        using var first = await RawClient.BeginAsync(edge, "first");
        var second = await RawClient.BeginAsync(edge, "second");

        Assert.False(await IsLetInAsync(edge));
        second.Dispose();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await IsLetInAsync(edge)) { await Task.Delay(5, patience.Token); } // once the connection has ended to the last
        Assert.True(edge.Statistics.Refused > 0);
    }

    // Who is refused is reset, at any moment.
    private static async Task<bool> IsLetInAsync(MqttEdge edge)
    {
        using var client = await RawClient.TryConnectAsync(new IPEndPoint(IPAddress.Loopback, edge.End.Port), ProtocolVersion.V5);
        try
        {
            await (client?.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "another", IsCleanStart = true }) ?? Task.CompletedTask);
            return client is not null && await client.ReceiveAsync() is ConnackPacket;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [Theory] // proc(5)
    [InlineData("Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("Max open files            \n", null)]
    [InlineData("", null)]
    public void The_limit_of_open_files_is_the_soft_one(string text, long? limit) => Assert.Equal(limit, OpenFiles.Parse(text));

    [Fact]
    public async Task An_edge_that_may_not_have_as_many_files_as_clients_says_so()
    {
        Assert.SkipUnless(MqttEdge.ConnectionRoom < 65_536, "this process may have more files than an edge has clients");
        using var log = new LogRecorder();
        foreach (var most in (int[])[16, 65_536])
        {
            await using var edge = await TestEdge.StartAsync(new() { Limits = new() { MaxConnections = most }, LoggerFactory = log });
            Assert.Equal(most > 16, log.Lines.Any(static line => line.Number == 1587));
        }
    }

    private static string Each(long after, long before) => string.Create(CultureInfo.InvariantCulture, $"{(after - before) / 1024.0 / (Clients - 50):0.0} KiB");

    private static async Task<RawClient> BeginAsync(MortalEdge edge, int number, CancellationToken cancellationToken)
    {
        var client = await edge.ConnectAsync(cancellationToken);
        await client.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = $"client-{number}", IsCleanStart = true, KeepAliveSeconds = 0 });
        Assert.Equal(ReasonCode.Success, (await client.ReceiveAsync<ConnackPacket>()).Reason);
        return client;
    }

    private static long MemoryOf(MortalEdge edge)
    {
        var line = File.ReadLines($"/proc/{edge.ProcessId}/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static void Tell(string what, string figure)
    {
        TestContext.Current.SendDiagnosticMessage($"{what}: {figure}");
        if (Environment.GetEnvironmentVariable("COCO_FIGURES") is { Length: > 0 } file) { File.AppendAllText(file, $"| {what} | {figure} |\n"); }
    }
}
