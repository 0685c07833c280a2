using Coco.Crypto;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>A broker in virtual time.</summary>
internal sealed class TestBroker
{
    public TestBroker(MqttLimits? limits = null, ITopicBus? bus = null, ISessionLog? log = null)
    {
        Limits = limits ?? new();
        Broker = new(Limits, bus ?? new NoBus(), log ?? new NoSessionLog(), new SeededRandomSource(1), work => { work(Now); Broker!.EndTurn(Now); });
    }

    public MqttLimits Limits { get; }

    public Broker Broker { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromDays(20_000);

    /// <summary>Connects, and checks that it was accepted.</summary>
    public TestClient Connect(string clientId, ProtocolVersion version = ProtocolVersion.V5, bool isClean = true, PropertySet? properties = null,
        WillMessage? will = null, ushort keepAlive = 0)
    {
        var client = Try(clientId, out var answer, version, isClean, properties, will, keepAlive);
        Assert.Equal(ReasonCode.Success, answer.Reason);
        return client;
    }

    public TestClient Try(string clientId, out ConnackPacket answer, ProtocolVersion version = ProtocolVersion.V5, bool isClean = true,
        PropertySet? properties = null, WillMessage? will = null, ushort keepAlive = 0)
    {
        var link = new TestLink { Version = version };
        var client = Broker.HandleConnect(link, new ConnectPacket
        {
            Version = version, ClientId = clientId, IsCleanStart = isClean, Properties = properties, Will = will, KeepAliveSeconds = keepAlive,
        }, Now);
        Broker.EndTurn(Now);
        answer = Assert.IsType<ConnackPacket>(link.TakeFirst());
        Assert.Equal(client is null, link.IsClosed);
        return new(this, link, client);
    }

    /// <summary>Lets time pass, in the steps the broker asks for.</summary>
    public void Pass(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (Broker.Deadline <= end)
        {
            if (Broker.Deadline > Now) { Now = Broker.Deadline; }
            Broker.HandleTimeout(Now);
            Broker.EndTurn(Now);
        }
        Now = end;
    }
}
