using Coco.Crypto;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Bus;

public sealed class MeshEnvelopeTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;

    private static readonly Message Full = new()
    {
        Topic = "a/b", Payload = new byte[] { 1, 2, 3 }, Qos = Qos.ExactlyOnce, IsRetained = true, Id = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
        Properties = new() { MessageExpiry = 30, ContentType = "x", CorrelationData = [9], UserProperties = [new("a", "b")] },
    };

    [Fact]
    public void A_plain_payload_goes_as_it_is() =>
        Assert.Equal("010203", Convert.ToHexString(MeshEnvelope.Write(new() { Topic = "a", Payload = new byte[] { 1, 2, 3 } }).Span));

    [Fact]
    public void A_payload_that_looks_like_an_envelope_comes_out_as_it_went_in()
    {
        var payload = MeshEnvelope.Write(Full);

        var read = Read(MeshEnvelope.Write(new() { Topic = "a/b", Payload = payload }));

        Assert.Equal(payload, read!.Payload, static (one, other) => one.Span.SequenceEqual(other.Span));
        Assert.Equal(Qos.AtMostOnce, read.Qos);
    }

    [Fact]
    public void All_that_MQTT_adds_comes_out_as_it_went_in()
    {
        var read = Read(MeshEnvelope.Write(Full))!;

        Assert.Equal((Full.Topic, Full.Qos, Full.IsRetained, "x"), (read.Topic, read.Qos, read.IsRetained, read.Properties!.ContentType));
        Assert.Equal(Full.Id.ToArray(), read.Id.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(130), read.ExpiresAt);
    }

    [Fact]
    public void An_envelope_for_another_topic_is_nothing() =>
        Assert.Null(MeshEnvelope.Read("other", MeshEnvelope.Write(Full), default, TimeSpan.Zero));

    [Fact]
    public void Whatever_a_member_sends_is_read_or_refused()
    {
        var random = new Random(11);
        var envelope = MeshEnvelope.Write(Full).ToArray();
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = envelope[..random.Next(1, envelope.Length + 1)];
            for (var changes = random.Next(3); changes > 0; changes--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            if (Read(bytes) is null) { refused++; }
        }
        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    [Fact]
    public void A_number_is_new_once()
    {
        var seen = new SeenNumbers([]);

        Assert.True(seen.TryAdd(Full.Id.Span));
        Assert.False(seen.TryAdd(Full.Id.Span));
    }

    [Fact]
    public void Of_the_members_of_a_group_each_has_its_part_of_the_messages()
    {
        var members = Enumerable.Range(1, 4).Select(static seed => IdentityKey.FromSeed(Enumerable.Repeat((byte)seed, 32).ToArray()).Id).ToArray();
        var counts = new int[members.Length];
        for (var message = 0; message < 4000; message++)
        {
            var number = new byte[16];
            BitConverter.TryWriteBytes(number, message);
            var weights = members.Select(member => ShareTable.Weight("g", member, number)).ToArray();
            var greatest = Enumerable.Range(0, members.Length).MaxBy(at => Convert.ToHexString(weights[at]));
            counts[greatest]++;
        }
        Assert.All(counts, static count => Assert.InRange(count, 850, 1150));
    }

    private static Message? Read(ReadOnlyMemory<byte> data) => MeshEnvelope.Read("a/b", data, default, TimeSpan.FromSeconds(100));
}
