using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>One connection of a client with a broker in virtual time.</summary>
internal sealed class TestClient(TestBroker server, TestLink link, Client? client)
{
    public bool IsClosed => link.IsClosed;

    public TestLink Link => link;

    public void Send(MqttPacket packet)
    {
        server.Broker.HandlePacket(client!, packet, server.Now);
        server.Broker.EndTurn(server.Now);
    }

    /// <summary>What came since the last call.</summary>
    public List<MqttPacket> Take() => link.Take();

    /// <summary>The one packet that came since the last call.</summary>
    public T TakeOne<T>()
        where T : MqttPacket => Assert.IsType<T>(Assert.Single(Take()));

    /// <summary>The messages among what came since the last call.</summary>
    public List<PublishPacket> TakeMessages() => [.. Take().OfType<PublishPacket>()];

    public string TakeTexts() => string.Join(',', TakeMessages().Select(static message => System.Text.Encoding.UTF8.GetString(message.Payload.Span)));

    public SubackPacket Subscribe(string filter, byte options = 2, int identifier = 0)
    {
        var properties = identifier == 0 ? null : new PropertySet { SubscriptionIdentifiers = [identifier] };
        Send(new SubscribePacket(100) { Requests = [new(filter, new(options))], Properties = properties });
        return Assert.IsType<SubackPacket>(link.TakeFirst());
    }

    public void Publish(string topic, string text, Qos qos = Qos.AtMostOnce, ushort packetId = 1, bool isRetained = false, PropertySet? properties = null, bool isDuplicate = false) =>
        Send(new PublishPacket
        {
            Topic = topic, Payload = System.Text.Encoding.UTF8.GetBytes(text), Qos = qos, PacketId = qos is Qos.AtMostOnce ? (ushort)0 : packetId,
            IsRetained = isRetained, Properties = properties, IsDuplicate = isDuplicate,
        });

    public void Acknowledge(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success) => Send(new AckPacket(type, packetId) { Reason = reason });

    /// <summary>The network connection breaks.</summary>
    public void Break()
    {
        server.Broker.HandleClosed(client!, server.Now);
        server.Broker.EndTurn(server.Now);
    }

    public void Disconnect(ReasonCode reason = ReasonCode.Success, uint? expiry = null) =>
        Send(new ReasonPacket(PacketType.Disconnect) { Reason = reason, Properties = expiry is null ? null : new() { SessionExpiry = expiry } });

    /// <summary>The client's end has taken what it was sent.</summary>
    public void Drain()
    {
        link.Backlog = 0;
        server.Broker.HandleDrained(client!, server.Now);
        server.Broker.EndTurn(server.Now);
    }
}
