using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayMessageTests
{
    private const string TargetHex = "1111111111111111111111111111111111111111111111111111111111111111";

    private static readonly Crypto.NodeId Target = Crypto.NodeId.Read(Convert.FromHexString(TargetHex));

    public static TheoryData<int, string> Vectors => new()
    {
        { 0, "01" + "00" + "00" },
        { 1, "01" + "01" + "00" },
        { 2, "03" + "05" + TargetHex },
        { 3, "04" + "4100" + TargetHex },
        { 4, "05" + "0102030405060708" },
        { 5, "10" + "04c0000201" + "0fa0" + "4400" + "80bebc20" + "80004e20" + "c00000e8d4a51000" + "800061a8" + "0b" + "7773733a2f2f722e6c6162" },
        { 6, "11" + "05" + "00" },
        { 7, "12" + "05" + "0102030405060708" },
        { 8, "13" + "05" + "04" },
        { 9, "14" + "0102030405060708" + TargetHex },
        { 10, "15" + "0102030405060708" + "02" },
        { 11, "16" + "800061a8" + "01" + TargetHex + "01" + "04c000020101bb" + "00" },
        { 12, "17" },
    };

    private static RelayMessage[] Messages =>
    [
        new RelayMessage.Register(RelayPreference.Home, null),
        new RelayMessage.Register(RelayPreference.Secondary, null),
        new RelayMessage.Resolve(5, Target),
        new RelayMessage.Open(256, Target),
        new RelayMessage.Close(0x0102030405060708),
        new RelayMessage.Registered(
            RelaySamples.Address("192.0.2.1:4000"), new(1024, 12_500_000, 20_000, 1_000_000_000_000), TimeSpan.FromSeconds(25), "wss://r.lab"),
        new RelayMessage.Found(5, null),
        new RelayMessage.Opened(5, 0x0102030405060708),
        new RelayMessage.Refused(5, RelayRefusal.Busy),
        new RelayMessage.Incoming(0x0102030405060708, Target),
        new RelayMessage.Closed(0x0102030405060708, RelayCloseReason.PeerGone),
        new RelayMessage.Draining(TimeSpan.FromSeconds(25), [new(Target, [RelaySamples.Address("192.0.2.1:443")])]),
        new RelayMessage.Superseded(),
    ];

    [Theory, MemberData(nameof(Vectors))]
    public void Messages_are_written_as_documented(int index, string hex)
    {
        var message = Messages[index];
        var bytes = Convert.FromHexString(hex);

        Assert.Equal(hex, Convert.ToHexStringLower([(byte)message.Type, .. RelayMessageCodec.Write(message)]));
        Assert.True(RelayMessageCodec.TryRead(bytes[0], bytes.AsSpan(1), out var read));
        Assert.Equal(message.GetType(), read!.GetType());
        Assert.Equal(hex, Convert.ToHexStringLower([(byte)read.Type, .. RelayMessageCodec.Write(read)]));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void A_message_that_is_cut_short_is_refused(int index, string hex)
    {
        _ = index;
        var bytes = Convert.FromHexString(hex);
        for (var length = 1; length < bytes.Length; length++)
        {
            Assert.False(RelayMessageCodec.TryRead(bytes[0], bytes.AsSpan(1, length - 1), out _));
        }
    }

    [Theory, MemberData(nameof(Vectors))]
    public void What_a_later_version_adds_to_the_end_is_ignored(int index, string hex)
    {
        var bytes = Convert.FromHexString(hex + "ffffff");
        Assert.True(RelayMessageCodec.TryRead(bytes[0], bytes.AsSpan(1), out var read));
        Assert.Equal(RelayMessageCodec.Write(Messages[index]), RelayMessageCodec.Write(read!));
    }

    [Fact]
    public void Records_travel_in_messages_and_keep_their_signature()
    {
        var record = RelaySamples.Record(1, 7);
        foreach (var message in new RelayMessage[] { new RelayMessage.Register(RelayPreference.Home, record), new RelayMessage.Publish(record), new RelayMessage.Found(3, record) })
        {
            Assert.True(RelayMessageCodec.TryRead((ulong)message.Type, RelayMessageCodec.Write(message), out var read));
            var got = read switch { RelayMessage.Register m => m.Record, RelayMessage.Publish m => m.Record, RelayMessage.Found m => m.Record, _ => null };
            Assert.Equal(record.Encoded.ToArray(), got!.Encoded.ToArray());
        }
    }

    [Theory]
    [InlineData(0x01, "0200")] // no such preference
    [InlineData(0x02, "00")] // nothing published
    [InlineData(0x03, "00" + TargetHex)] // request number 0
    [InlineData(0x04, "05" + "0000000000000000000000000000000000000000000000000000000000000000")] // nobody
    [InlineData(0x05, "0000000000000000")] // session 0
    [InlineData(0x16, "0005")] // more relays than allowed
    public void Bodies_that_break_the_rules_are_refused(int type, string hex) =>
        Assert.False(RelayMessageCodec.TryRead((ulong)type, Convert.FromHexString(hex), out _));

    [Fact]
    public void Unknown_types_are_told_from_broken_messages()
    {
        Assert.All(Messages, message => Assert.True(RelayMessageCodec.IsKnown((ulong)message.Type)));
        Assert.All(new ulong[] { 0, 6, 0x0F, 0x18, ulong.MaxValue }, type => Assert.False(RelayMessageCodec.IsKnown(type)));
        Assert.All(new ulong[] { 0, 6, 0x0F, 0x18, ulong.MaxValue }, type => Assert.False(RelayMessageCodec.TryRead(type, new byte[64], out _)));
    }

    [Fact]
    public void No_bytes_make_the_reader_throw_and_what_it_reads_it_writes_again()
    {
        var random = new Random(11);
        RelayMessage[] seeds = [.. Messages, new RelayMessage.Publish(RelaySamples.Record(1, 7)), new RelayMessage.Found(3, RelaySamples.Record(2, 1))];
        var bodies = Array.ConvertAll(seeds, RelayMessageCodec.Write);
        var read = 0;
        for (var i = 0; i < RelaySamples.FuzzInputs; i++)
        {
            var (type, body) = Mutate(random, seeds, bodies);
            if (!RelayMessageCodec.TryRead(type, body, out var message)) { continue; }
            read++;
            var written = RelayMessageCodec.Write(message!);
            Assert.True(RelayMessageCodec.TryRead(type, written, out var again), $"input {i}");
            Assert.Equal(written, RelayMessageCodec.Write(again!));
        }
        Assert.InRange(read, RelaySamples.FuzzInputs / 10, RelaySamples.FuzzInputs); // it gets past the first byte
    }

    private static (ulong Type, byte[] Body) Mutate(Random random, RelayMessage[] seeds, byte[][] bodies)
    {
        if (random.Next(4) == 0)
        {
            var noise = new byte[random.Next(80)];
            random.NextBytes(noise);
            return ((ulong)random.Next(0x20), noise);
        }
        var seed = random.Next(seeds.Length);
        var body = (byte[])bodies[seed].Clone();
        for (var flips = random.Next(4); flips > 0 && body.Length > 0; flips--) { body[random.Next(body.Length)] = (byte)random.Next(256); }
        if (random.Next(4) == 0) { body = body[..random.Next(body.Length + 1)]; }
        return ((ulong)seeds[seed].Type, body);
    }
}
