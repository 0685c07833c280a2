using Coco.Crypto;
using Coco.Traversal.Hops;

namespace Coco.Traversal.Tests.Hops;

public sealed class HopMessageTests
{
    private const string OneHex = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string TwoHex = "2222222222222222222222222222222222222222222222222222222222222222";
    private const string ThreeHex = "3333333333333333333333333333333333333333333333333333333333333333";

    public static TheoryData<int, string> Vectors => new()
    {
        { 0, "30" + "0102030405060708" + OneHex + TwoHex + ThreeHex + "0f" },
        { 1, "31" + "0102030405060708" + "1112131415161718" },
        { 2, "32" + "0102030405060708" + "05" },
        { 3, "33" + "0102030405060708" + "02" },
    };

    private static HopMessage[] Messages =>
    [
        new HopMessage.Open(0x0102030405060708, Id(OneHex), Id(TwoHex), Id(ThreeHex), 15),
        new HopMessage.Opened(0x0102030405060708, 0x1112131415161718),
        new HopMessage.Refused(0x0102030405060708, HopRefusal.Loop),
        new HopMessage.Closed(0x0102030405060708, HopCloseReason.LinkGone),
    ];

    [Theory, MemberData(nameof(Vectors))]
    public void Messages_are_written_as_documented(int index, string hex)
    {
        var body = HopMessageCodec.Write(Messages[index], out var type);
        Assert.Equal(hex, Convert.ToHexStringLower([(byte)type, .. body]));
        Assert.True(HopMessageCodec.TryRead(type, [.. body, 1, 2, 3], out var read)); // a later version may add to the end
        Assert.Equal(Messages[index], read);
    }

    [Theory, MemberData(nameof(Vectors))]
    public void A_message_that_is_cut_short_or_names_no_session_is_refused(int index, string hex)
    {
        Assert.NotNull(Messages[index]);
        var bytes = Convert.FromHexString(hex);
        for (var length = 0; length < bytes.Length - 1; length++) { Assert.False(HopMessageCodec.TryRead(bytes[0], bytes.AsSpan(1, length), out _)); }
        bytes.AsSpan(1, 8).Clear();
        Assert.False(HopMessageCodec.TryRead(bytes[0], bytes.AsSpan(1), out _));
    }

    [Fact]
    public void Twenty_thousand_messages_and_datagrams_of_any_form_throw_nothing_and_fill_nothing()
    {
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;
        var random = new Random(6);
        var rig = new HopRig(new() { MaxSessions = 64, MaxSessionsPerNeighbour = 32, OpensPerSecond = 10_000 });
        rig.Add(4);
        rig.Chain(0, 1, 2);
        rig.Chain(3, 1, 2);
        var known = new List<ulong> { 1 };
        for (var i = 0; i < count; i++)
        {
            var from = random.Next(3) is var pick && pick == 2 ? 3 : pick * 2;
            rig[1].HandleMessage(rig.Neighbour(1, from), (ulong)random.Next(0x2F, 0x35), Body(), rig.Now);
            var datagram = Datagram();
            if (datagram.Length > 0) { rig[1].Forward(HopRig.Way(1, from), datagram, 0, Math.Max(1, random.Next(datagram.Length + 1)), default, rig.Now); }
            while (rig[1].TryTakeForward(out _, out _)) { }
            rig.Pump();
            foreach (var (_, to, message) in rig.Messages)
            {
                if (to == 1 || known.Count > 200) { continue; }
                known.Add(message switch { HopMessage.Open open => open.Session, HopMessage.Opened opened => opened.OtherSession, _ => 1 });
            }
            rig.Messages.Clear();
            if (i % 100 == 0) { rig.RunTo(rig.Now + TimeSpan.FromSeconds(random.Next(4))); }
            while (rig[1].TryTakeEvent(out _)) { }
        }
        Assert.InRange(rig[1].Statistics.Sessions, 0, 64);
        rig.RunTo(rig.Now + TimeSpan.FromMinutes(10));
        rig.RunTo(rig.Now + TimeSpan.FromMinutes(10));
        Assert.Equal(0, rig[1].Statistics.Sessions);
        Assert.Equal(0, rig[1].Statistics.QueuedBytes);

        byte[] Body()
        {
            if (random.Next(4) == 0)
            {
                var bytes = new byte[random.Next(130)];
                random.NextBytes(bytes);
                return bytes;
            }
            var session = random.Next(2) == 0 ? (ulong)random.Next(1, 100) : known[random.Next(known.Count)];
            HopMessage message = random.Next(5) switch
            {
                0 or 1 => new HopMessage.Open(session, HopRig.Id(random.Next(4)), HopRig.Id(random.Next(4)), HopRig.Id(random.Next(4)), (byte)random.Next(20)),
                2 => new HopMessage.Opened(session, (ulong)random.Next(1, 100)),
                3 => new HopMessage.Refused(session, (HopRefusal)random.Next(20)),
                _ => new HopMessage.Closed(session, (HopCloseReason)random.Next(20)),
            };
            return HopMessageCodec.Write(message, out _);
        }

        byte[] Datagram()
        {
            var bytes = new byte[random.Next(3000)];
            if (bytes.Length < 9) { return bytes; }
            bytes[0] = (byte)random.Next(4, 6);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), known[random.Next(known.Count)]);
            return bytes;
        }
    }

    private static NodeId Id(string hex) => NodeId.Read(Convert.FromHexString(hex));
}
