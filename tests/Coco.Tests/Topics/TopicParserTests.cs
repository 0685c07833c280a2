using Coco.Crypto;
using Coco.Topics;
using Coco.Topics.Core;

namespace Coco.Tests.Topics;

/// <summary>Whatever a peer sends is taken or refused, without an exception, and makes no table larger than its cap.</summary>
public sealed class TopicParserTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;

    private static readonly TopicOptions Small = new() { MaxHeard = 16, MaxNumbers = 16, MaxFilters = 8, MaxMembers = 16, MaxValues = 16, MaxTopicLength = 64, MaxMessageLength = 1024, HistoryLength = 4096 };

    [Fact]
    public void Frames_that_are_noise_are_taken_or_refused()
    {
        var random = new Random(51);
        var world = new TopicSimulation(seed: 52, loss: 0, Small);
        var (self, peer, other) = (world.Add(), world.Add(), world.Add());
        world.Refresh();
        var taken = new int[256];
        var refused = 0;
        TopicExchange? exchange = null;
        TopicLink? link = null;
        for (var i = 0; i < Inputs; i++)
        {
            if (link is null || link.IsGone || i % 500 == 0)
            {
                exchange = new(self.Id, Small, new CheapTopicSeal(self.Id), new SimulatedMembers(world, self.Id), TimeSpan.Zero, world.Wall);
                exchange.Subscribe(new("#", new(), new Nowhere()), TimeSpan.Zero, world.Wall);
                for (var topic = 0; topic < 3; topic++) { exchange.Publish($"t/{topic}", new byte[8], new() { Retain = topic == 1 }, null, TimeSpan.Zero, world.Wall); }
                link = exchange.HandleLinkUp(peer.Id, isOurs: false, world, TimeSpan.Zero, world.Wall)!;
                Assert.True(Handle(exchange, link, Frame(TopicFrameType.Hello, Body(random, TopicFrameType.Hello, peer.Id, other.Id, isWhole: true)), TimeSpan.Zero, world.Wall));
            }
            var now = TimeSpan.FromMilliseconds(i);
            var type = (TopicFrameType)random.Next(1, 20);
            var bytes = Frame(type, Body(random, type, peer.Id, other.Id, isWhole: random.Next(3) > 0));
            if (random.Next(4) == 0) { bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); }
            if (Handle(exchange!, link, bytes, now, world.Wall)) { taken[(int)type]++; }
            else
            {
                refused++;
                link = null;
            }
            if (i % 50 == 0) { exchange!.HandleTimeout(now, world.Wall); }
            if (link is null) { continue; }
            Assert.InRange(link.Heard.Count, 0, Small.MaxNumbers);
            var output = exchange!.TakeOutput(link);
            if (output.Count > 0) { System.Buffers.ArrayPool<byte>.Shared.Return(output.Array!); }
        }
        Assert.InRange(refused, Inputs / 20, Inputs * 9 / 10);
        Assert.All(Enum.GetValues<TopicFrameType>().Where(static type => type is not TopicFrameType.Hello and not TopicFrameType.Have), type => Assert.InRange(taken[(int)type], 1, Inputs));
    }

    [Fact] // what it says yes to is handled on the thread that serves all connections
    public void Only_messages_and_what_belongs_to_them_are_handled_at_once()
    {
        TopicFrameType[] light = [TopicFrameType.Message, TopicFrameType.Asked, TopicFrameType.Clock, TopicFrameType.Ack];
        var message = Frame(TopicFrameType.Message, new byte[100]);
        foreach (var type in Enum.GetValues<TopicFrameType>())
        {
            var frame = Frame(type, new byte[70]);
            Assert.Equal(light.Contains(type), TopicWire.AreMessages(frame));
            Assert.Equal(light.Contains(type), TopicWire.AreMessages([.. message, .. frame]));
            Assert.Equal(light.Contains(type), TopicWire.AreMessages([.. message, frame[0]])); // the rest is to come
        }
        var random = new Random(54);
        for (var i = 0; i < Inputs; i++)
        {
            var noise = new byte[random.Next(64)];
            random.NextBytes(noise);
            TopicWire.AreMessages(noise);
        }
    }

    private sealed class Nowhere : ITopicInbox
    {
        public bool TryAdd(TopicMessage message, bool isAcknowledged) => message.Data.Length % 2 == 0;

        public void AddMissed(string topic, NodeId publisher, long count) => Assert.InRange(count, 0, long.MaxValue);
    }

    private static bool Handle(TopicExchange exchange, TopicLink link, byte[] bytes, TimeSpan now, long wall)
    {
        var taken = exchange.HandleBytes(link, bytes, now, wall);
        if (taken < 0) { return false; }
        Assert.InRange(taken, 0, bytes.Length);
        if (link.Unverified is not { } batch) { return true; }
        if (!exchange.IsSigned(batch)) { return false; }
        exchange.HandleVerified(link, now, wall);
        return true;
    }

    private static byte[] Frame(TopicFrameType type, byte[] body)
    {
        var frame = new Outbox();
        frame.AppendFrame(type, body);
        return frame.Take().ToArray();
    }

    private static byte[] Body(Random random, TopicFrameType type, NodeId peer, NodeId other, bool isWhole)
    {
        var body = new Outbox();
        var topic = $"t/{random.Next(40)}";
        switch (type)
        {
            case TopicFrameType.Hello: body.AppendByte(1); body.AppendUInt64((ulong)random.Next(3)); break;
            case TopicFrameType.Have: body.AppendUInt64((ulong)random.Next(3)); body.AppendVarInt((ulong)random.Next(9)); body.AppendText(topic); break;
            case TopicFrameType.Bind: body.AppendVarInt((ulong)random.Next(4)); body.AppendUInt64((ulong)random.Next(1, 3)); body.AppendVarInt((ulong)random.Next(9)); body.AppendText(topic); break;
            case TopicFrameType.Message or TopicFrameType.Asked: body.AppendVarInt((ulong)random.Next(3)); body.AppendBytes(new byte[4 + random.Next(50)]); break;
            case TopicFrameType.Skip or TopicFrameType.Ack: body.AppendVarInt((ulong)random.Next(3)); body.AppendVarInt((ulong)random.Next(5)); break;
            case TopicFrameType.Clock or TopicFrameType.Seen or TopicFrameType.Sum: body.AppendUInt64((ulong)random.NextInt64()); break;
            case TopicFrameType.Interests: body.AppendBytes(Interests(random, random.Next(2) == 0 ? peer : other)); break;
            case TopicFrameType.Known: Known(random, body); break;
            case TopicFrameType.Batch: body.AppendByte((byte)random.Next(8)); body.AppendBytes(Batch(random, random.Next(2) == 0 ? peer : other, topic)); break;
            case TopicFrameType.Offer: Name(random, body, other, topic); body.AppendVarInt((ulong)random.Next(5)); body.AppendVarInt(5 + (ulong)random.Next(5)); break;
            case TopicFrameType.Graft: Name(random, body, other, topic); body.AppendVarInt((ulong)random.Next(5)); break;
            case TopicFrameType.Prune: Name(random, body, other, topic); break;
            case TopicFrameType.Counted: Name(random, body, other, topic); body.AppendVarInt((ulong)random.Next(5)); body.AppendVarInt((ulong)random.Next(5)); break;
            default: body.AppendUInt64((ulong)random.NextInt64()); break;
        }
        var bytes = body.Take().ToArray();
        return isWhole ? bytes : bytes[..random.Next(bytes.Length + 1)];
    }

    private static byte[] Interests(Random random, NodeId node) => InterestRecord.Create(node, (ulong)random.Next(1, 100), random.Next(9) == 0, [new("t/+", (ulong)random.Next(5), 0), new($"t/{random.Next(4)}", 0, (ulong)random.Next(9))], new CheapTopicSeal(node)).Bytes;

    private static byte[] Batch(Random random, NodeId node, string topic)
    {
        var flags = (BatchFlags)random.Next(4);
        return SignedBatch.CreateOne(flags, node, (ulong)random.Next(1, 3), (ulong)random.Next(20), (ulong)random.NextInt64(), topic, new byte[4 + random.Next(20)], new CheapTopicSeal(node)).Bytes;
    }

    private static void Known(Random random, Outbox body)
    {
        var count = random.Next(4);
        body.AppendVarInt((ulong)count);
        for (var i = 0; i < 2 * count; i++) { body.AppendUInt64((ulong)random.NextInt64()); }
        body.AppendUInt64(0);
        body.AppendUInt64(random.Next(2) == 0 ? ulong.MaxValue : (ulong)random.NextInt64());
    }

    private static void Name(Random random, Outbox body, NodeId node, string topic)
    {
        body.AppendNode(node);
        body.AppendUInt64((ulong)random.Next(1, 4));
        body.AppendText(topic);
    }
}
