using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Bus;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Crashes;

/// <summary>Edges in processes of their own that are killed (SIGKILL) and started again while clients publish and subscribe. With COCO_ALL=1 more often.</summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private static readonly bool IsAll = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly TimeSpan Noticing = TimeSpan.FromMinutes(2); // that a killed process is gone: no word of it comes, and keep-alives are 25 s apart
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(IsAll ? 15 : 6);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-mqtt-crash-");

    [Fact]
    public async Task A_QoS_2_message_arrives_once_and_in_its_place_however_often_the_edge_is_killed()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var edge = new MortalEdge(_folder.FullName, "");
        await edge.StartAsync(patience.Token);
        var (publisher, subscriber) = (new StubbornPublisher(edge.ConnectAsync, "numbers"), new StubbornSubscriber(edge.ConnectAsync, "numbers"));

        var count = await DisturbAsync(edge, publisher, subscriber, kills: IsAll ? 50 : 10, patience.Token);

        Assert.Equal(Enumerable.Range(0, count), subscriber.Handled);
    }

    [Fact]
    public async Task A_QoS_2_message_of_an_edge_that_is_killed_arrives_once_at_another()
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var scene = await MeshScene.OfAsync(1);
        using var edge = new MortalEdge(_folder.FullName, (await scene.Nodes[0].InviteAsync(new(), patience.Token)).ToText());
        await edge.StartAsync(patience.Token);
        var publisher = new StubbornPublisher(edge.ConnectAsync, "numbers");
        var subscriber = new StubbornSubscriber(_ => RawClient.ConnectAsync(scene.Edges[0], ProtocolVersion.V5), "numbers");

        var count = await DisturbAsync(edge, publisher, subscriber, kills: IsAll ? 20 : 3, patience.Token);

        Assert.Equal(Enumerable.Range(0, count), subscriber.Handled.Order());
    }

    [Fact]
    public async Task A_QoS_2_message_that_another_edge_says_again_is_handed_over_once_though_the_edge_was_killed_meanwhile()
    {
        const int PerKill = 20;
        var kills = IsAll ? 50 : 10;
        using var patience = new CancellationTokenSource(Patience);
        await using var scene = await MeshScene.OfAsync(1);
        var other = scene.Nodes[0].Topics; // what another edge says
        using var edge = new MortalEdge(_folder.FullName, (await scene.Nodes[0].InviteAsync(new(), patience.Token)).ToText());
        await edge.StartAsync(patience.Token);
        var subscriber = new StubbornSubscriber(edge.ConnectAsync, "numbers");
        var subscribing = subscriber.RunAsync(patience.Token);
        await subscriber.WhenSubscribed.WaitAsync(patience.Token);
        var messages = Enumerable.Range(0, (kills + 1) * PerKill).Select(Numbered).ToList();

        for (var next = 0; next < messages.Count; next += PerKill)
        {
            if (next > 0)
            {
                await edge.CrashAsync(patience.Token);
                // As it does that failed too, and comes back without having heard who has them.
                foreach (var message in messages.Take(next).TakeLast(2 * PerKill)) { await SayAsync(message); }
            }
            for (var number = next; number < next + PerKill; number++)
            {
                // Until the edge is back, has said what it subscribes to, and has it.
                do { await SayAsync(messages[number]); }
                while (!await subscriber.HasAsync(number, TimeSpan.FromSeconds(1), patience.Token));
            }
        }
        subscriber.Stop();
        await subscribing.WaitAsync(patience.Token);

        output.WriteLine($"{kills} kills, {messages.Count} messages");
        Assert.Equal(Enumerable.Range(0, messages.Count), subscriber.Handled);

        Task SayAsync(ReadOnlyMemory<byte> message) => other.PublishAsync("numbers", message, cancellationToken: patience.Token).AsTask();
    }

    [Fact] // 4.8.2
    public async Task What_a_group_shares_is_not_lost_with_an_edge_that_is_killed()
    {
        const int Before = 20, After = 60;
        using var patience = new CancellationTokenSource(Patience);
        await using var scene = await MeshScene.OfAsync(2);
        using var edge = new MortalEdge(_folder.FullName, (await scene.Nodes[0].InviteAsync(new(), patience.Token)).ToText());
        await edge.StartAsync(patience.Token);
        using var there = await RawClient.BeginAsync(scene.Edges[1], "there");
        using var killed = await edge.ConnectAsync(patience.Token);
        await killed.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "killed", IsCleanStart = true });
        await killed.ReceiveAsync<ConnackPacket>();
        foreach (var member in (RawClient[])[there, killed]) 
        {
            await member.SubscribeAsync("$share/g/work", 1);
            await member.SubscribeAsync("end", 1);
        }
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p", ProtocolVersion.V311);
        var had = new List<int>();

        for (var number = 0; number < Before; number++)
        {
            await publisher.SendAsync(Work(number));
            await publisher.ReceiveAsync<AckPacket>();
        }
        await publisher.SendAsync(new PublishPacket { Topic = "end", Payload = default, Qos = Qos.AtLeastOnce, PacketId = 1000 });
        await publisher.ReceiveAsync<AckPacket>();
        foreach (var member in (RawClient[])[there, killed])
        {
            while (await member.ReceiveAsync<PublishPacket>() is { Topic: "work" } message) { had.Add(NumberOf(message)); }
        }
        // A process that has just joined may not see everybody yet, and take what is another's too; that each comes once where all see each other is shown by MeshTests.
        Assert.Equal(Before, had.Distinct().Count());
        edge.Kill(); // it has what it acknowledged, and what comes now is chosen for it as long as nobody has noticed
        for (var number = Before; number < Before + After; number++) { await publisher.SendAsync(Work(number)); }
        for (var number = Before; number < Before + After; number++) { await publisher.ReceiveAsync<AckPacket>(); }

        while (had.Distinct().Count() < Before + After) { had.Add(NumberOf(await there.ReceiveAsync<PublishPacket>(Noticing))); }

        output.WriteLine($"{had.Count} messages, {had.Count - had.Distinct().Count()} of them again");

        static int NumberOf(PublishPacket message) => int.Parse(Encoding.UTF8.GetString(message.Payload.Span), CultureInfo.InvariantCulture);

        static PublishPacket Work(int number) => new()
        {
            Topic = "work", Payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)), Qos = Qos.AtLeastOnce, PacketId = (ushort)(number + 1),
        };
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static ReadOnlyMemory<byte> Numbered(int number)
    {
        var id = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(id, number + 1);
        return MeshEnvelope.Write(new() { Topic = "numbers", Payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)), Qos = Qos.ExactlyOnce, Id = id });
    }

    private async Task<int> DisturbAsync(MortalEdge edge, StubbornPublisher publisher, StubbornSubscriber subscriber, int kills, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        var subscribing = subscriber.RunAsync(cancellationToken);
        await subscriber.WhenSubscribed.WaitAsync(cancellationToken);
        var publishing = publisher.RunAsync(cancellationToken);
        for (var kill = 0; kill < kills; kill++)
        {
            var next = publisher.Done + random.Next(60);
            while (publisher.Done < next && !publishing.IsFaulted && !subscribing.IsFaulted) { await Task.Delay(1, cancellationToken); }
            await edge.CrashAsync(cancellationToken);
        }
        var count = publisher.StopAfter(publisher.Done + 100);
        await publishing.WaitAsync(cancellationToken);
        var all = subscriber.WhenHas(count);
        await Task.WhenAny(all, subscribing, Task.Delay(TimeSpan.FromSeconds(30), cancellationToken));
        subscriber.Stop();
        await subscribing.WaitAsync(cancellationToken);
        Assert.Empty(Enumerable.Range(0, count).Except(subscriber.Handled)); // what was lost
        output.WriteLine($"{kills} kills, {count} messages");
        return count;
    }
}
