using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>Groups with members at several edges (MQTT 5.0, 4.8.2).</summary>
public sealed class SharingTests
{
    private static readonly NodeId First = NodeId.Read(Enumerable.Repeat((byte)1, NodeId.Size).ToArray());
    private static readonly NodeId Second = NodeId.Read(Enumerable.Repeat((byte)2, NodeId.Size).ToArray());

    private readonly ManualBus _bus = new();

    [Fact]
    public void A_message_for_another_edge_is_given_out_here_when_that_one_is_gone()
    {
        var (broker, member) = Begin();
        Come(broker, 1);
        broker.Pass(5);
        Assert.Empty(member.Take());

        _bus.Gone.Add(First);
        broker.Pass(2);

        Assert.Equal("1", member.TakeTexts());
        Assert.Equal(1, Numbers().Single());
    }

    [Fact]
    public void A_message_that_the_other_edge_says_it_has_is_not_given_out_here_whichever_comes_first()
    {
        var (broker, member) = Begin();
        Come(broker, 1);
        broker.Broker.HandleTaken("g", "a", [1]);
        broker.Broker.HandleTaken("g", "a", [2]);
        Come(broker, 2);

        _bus.Gone.Add(First);
        broker.Pass(100);

        Assert.Empty(member.Take());
    }

    [Fact]
    public void What_is_taken_of_one_group_is_not_taken_of_another()
    {
        var (broker, member) = Begin();
        Come(broker, 1);
        broker.Broker.HandleTaken("other", "a", [1]);

        _bus.Gone.Add(First);
        broker.Pass(2);

        Assert.Equal("1", member.TakeTexts());
    }

    [Fact] // it failed and came back before anybody noticed, or has no member with room
    public void An_edge_that_says_nothing_for_long_is_passed_over()
    {
        var (broker, member) = Begin();
        _bus.Others.Add(Second);
        Come(broker, 1);
        broker.Pass(29);
        broker.Broker.HandleTaken("g", "a", [7]);
        broker.Pass(29);
        Assert.Empty(member.Take()); // now it is the second one's
        broker.Pass(5);

        Assert.Equal("1", member.TakeTexts());
    }

    [Fact]
    public void What_is_given_out_here_is_said_when_it_is_durable()
    {
        var log = new ManualLog();
        var broker = new TestBroker(bus: _bus, log: log);
        var member = broker.Broker.HandleConnect(new TestLink { Version = ProtocolVersion.V5 }, new() { Version = ProtocolVersion.V5, ClientId = "s", Properties = new() { SessionExpiry = 100 } }, broker.Now)!;
        broker.Broker.HandlePacket(member, new SubscribePacket(1) { Requests = [new("$share/g/a", new(1))] }, broker.Now);
        Come(broker, 1);
        Assert.Empty(_bus.Taken);

        log.MakeDurable();
        broker.Broker.HandleDurable(broker.Now);

        Assert.Equal(1, Numbers().Single());
    }

    [Fact]
    public void A_member_without_room_is_no_reason_to_say_that_a_message_is_here()
    {
        var broker = new TestBroker(new() { MaxQueuedMessages = 1 }, _bus);
        var member = broker.Connect("s", properties: new() { ReceiveMaximum = 1 });
        member.Send(new SubscribePacket(1) { Requests = [new("$share/g/a", new(1))] });
        for (var number = 1; number <= 3; number++) { Come(broker, number); }

        Assert.Equal([1, 2], Numbers()); // one on its way, one that waits
    }

    [Fact]
    public void Where_no_more_can_be_kept_for_others_a_message_is_given_out_here_too()
    {
        var (broker, member) = Begin(new() { MaxQueuedMessages = 2 });
        for (var number = 1; number <= 3; number++) { Come(broker, number); }

        Assert.Equal("3", member.TakeTexts());
    }

    [Fact]
    public void QoS_0_is_kept_for_nobody()
    {
        var (broker, member) = Begin();
        broker.Broker.HandleBusMessages("a", [new(new() { Topic = "a", Payload = "x"u8.ToArray() }, IsStored: false)], static () => { }, broker.Now);
        _bus.Gone.Add(First);
        broker.Pass(100);

        Assert.Empty(member.Take());
    }

    private (TestBroker Broker, TestClient Member) Begin(MqttLimits? limits = null)
    {
        _bus.Others.Add(First);
        var broker = new TestBroker(limits, _bus);
        var member = broker.Connect("s");
        member.Send(new SubscribePacket(1) { Requests = [new("$share/g/a", new(1))] });
        _bus.Filters["a"].SetResult(BusSubscription.Empty);
        member.Take();
        return (broker, member);
    }

    private static void Come(TestBroker broker, int number)
    {
        var id = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(12), number);
        var message = new Message { Topic = "a", Payload = System.Text.Encoding.UTF8.GetBytes($"{number}"), Qos = Qos.AtLeastOnce, Id = id };
        broker.Broker.HandleBusMessages("a", [new(message, IsStored: false)], static () => { }, broker.Now);
        broker.Broker.EndTurn(broker.Now);
    }

    private IEnumerable<int> Numbers() => _bus.Taken.Select(static one => (int)BinaryPrimitives.ReadUInt128BigEndian(one.Number.Span));
}
