using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Sessions;

public sealed class WillTests
{
    private static readonly PropertySet Lasting = new() { SessionExpiry = 100 };

    private readonly TestBroker _broker = new();

    [Fact] // [MQTT-3.1.2-8], [MQTT-3.1.2-10]
    public void A_will_is_published_once_when_the_connection_breaks()
    {
        var subscriber = Watch();
        var client = _broker.Connect("c", will: Will());

        client.Break();
        client.Break();

        Assert.Equal("gone", subscriber.TakeTexts());
    }

    [Fact] // [MQTT-3.14.4-3]
    public void A_client_that_says_goodbye_has_no_will()
    {
        var subscriber = Watch();

        _broker.Connect("5", will: Will()).Disconnect();
        _broker.Connect("311", ProtocolVersion.V311, will: Will()).Disconnect();

        Assert.Empty(subscriber.Take());
    }

    [Fact] // 3.14.2.1: reason 0x04, and what else is no normal end
    public void A_client_may_leave_with_its_will()
    {
        var subscriber = Watch();

        _broker.Connect("c", will: Will()).Disconnect(ReasonCode.DisconnectWithWill);
        _broker.Connect("d", will: Will()).Disconnect(ReasonCode.Unspecified);

        Assert.Equal("gone,gone", subscriber.TakeTexts());
    }

    [Fact] // 3.1.2.5: an error of the protocol, a keep-alive that ran out
    public void A_client_that_is_let_go_has_its_will_published()
    {
        var subscriber = Watch();
        var wrong = _broker.Connect("c", will: Will());
        _broker.Connect("d", will: Will(), keepAlive: 10);

        wrong.Send(new ConnectPacket { Version = ProtocolVersion.V5 });
        Assert.Equal("gone", subscriber.TakeTexts());
        _broker.Pass(16);
        Assert.Equal("gone", subscriber.TakeTexts());
    }

    [Fact] // 3.1.3.2.2, [MQTT-3.1.3-9]
    public void A_will_with_a_delay_waits_for_the_client_to_come_back()
    {
        var subscriber = Watch();
        _broker.Connect("c", properties: Lasting, will: Will(delay: 10)).Break();
        _broker.Pass(9);
        Assert.Empty(subscriber.Take());

        var back = _broker.Connect("c", isClean: false, properties: Lasting, will: Will(delay: 10));
        _broker.Pass(60);
        Assert.Empty(subscriber.Take());

        back.Break();
        _broker.Pass(10);
        Assert.Equal("gone", subscriber.TakeTexts());
    }

    [Fact] // 3.1.3.2.2: or the session ends, whichever happens first
    public void A_will_is_not_delayed_beyond_the_session()
    {
        var subscriber = Watch();
        _broker.Connect("timed", properties: new() { SessionExpiry = 5 }, will: Will(delay: 50)).Break();
        _broker.Pass(5);
        Assert.Equal("gone", subscriber.TakeTexts());

        _broker.Connect("anew", properties: Lasting, will: Will(delay: 50)).Break();
        _broker.Connect("anew", properties: Lasting);
        Assert.Equal("gone", subscriber.TakeTexts());

        _broker.Connect("none", will: Will(delay: 50)).Break();
        Assert.Equal("gone", subscriber.TakeTexts());
    }

    [Fact] // 3.1.4.3 and the note there
    public void A_client_that_is_taken_over_leaves_its_will_unless_that_has_a_delay()
    {
        var subscriber = Watch();
        _broker.Connect("c", properties: Lasting, will: Will());
        _broker.Connect("c", isClean: false, properties: Lasting, will: Will(delay: 5));
        Assert.Equal("gone", subscriber.TakeTexts());

        _broker.Connect("c", isClean: false, properties: Lasting);
        Assert.Empty(subscriber.Take());
    }

    [Fact] // [MQTT-3.1.2-14], [MQTT-3.1.2-15], 3.1.3.2
    public void A_will_has_its_QoS_and_properties_and_may_be_retained()
    {
        var subscriber = Watch();
        _broker.Connect("c", will: new("w", "gone"u8.ToArray(), Qos.ExactlyOnce, IsRetained: true, new() { ContentType = "text/plain" })).Break();

        var message = subscriber.TakeOne<PublishPacket>();
        Assert.Equal((Qos.ExactlyOnce, "text/plain"), (message.Qos, message.Properties?.ContentType));
        var late = _broker.Connect("late");
        late.Subscribe("w");
        Assert.True(late.TakeOne<PublishPacket>().IsRetained);
    }

    private TestClient Watch()
    {
        var client = _broker.Connect("watcher");
        client.Subscribe("w");
        return client;
    }

    private static WillMessage Will(uint? delay = null) => new("w", "gone"u8.ToArray(), Qos.AtMostOnce, IsRetained: false, delay is null ? null : new() { WillDelay = delay });
}
