using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Crashes;

/// <summary>
/// Publishes 0, 1, 2, … with QoS 2 and keeps its half of each exchange over all connections, as 4.3.3 and 4.4 of MQTT 5.0 want it of a client: a message that is
/// not received goes again with its number, one that is goes on to be released.
/// </summary>
internal sealed class StubbornPublisher(Func<CancellationToken, Task<RawClient>> connect, string topic)
{
    private const int Window = 20;

    private readonly SortedDictionary<int, bool> _open = []; // number of the message, and whether it was received
    private bool _hasSession;
    private int _next;
    private int _limit = int.MaxValue;

    /// <summary>Exchanges that have ended.</summary>
    public int Done { get; private set; }

    /// <summary>Publishes so many and no more, but those that were begun.</summary>
    public int StopAfter(int least)
    {
        lock (_open) { return _limit = Math.Max(_next, least); }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (Done < _limit)
        {
            using var client = await connect(cancellationToken);
            try
            {
                await PublishAsync(client);
            }
            catch (SocketException)
            {
                // The server was killed: once more.
            }
        }
    }

    private async Task PublishAsync(RawClient client)
    {
        await client.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "publisher", Properties = new() { SessionExpiry = uint.MaxValue } });
        if (await client.ReceiveAsync() is not ConnackPacket connack) { return; }
        Assert.Equal(ReasonCode.Success, connack.Reason);
        Assert.True(connack.IsSessionPresent || !_hasSession, "the session of the publisher was lost");
        _hasSession = true;
        // [MQTT-4.4.0-1], [MQTT-4.6.0-1]
        await client.SendAsync(_open.Select(one => one.Value ? (MqttPacket)Release(one.Key) : Message(one.Key, isDuplicate: true)));
        while (Done < _limit)
        {
            while (TryBegin(out var next)) { await client.SendAsync(Message(next, isDuplicate: false)); }
            if (await client.ReceiveAsync() is not AckPacket ack) { return; }
            // 3.7.2.1: a release that was done before the server was killed is one of a number it does not know.
            Assert.True(ack.Reason is ReasonCode.Success || ack is { Type: PacketType.Pubcomp, Reason: ReasonCode.PacketIdentifierNotFound }, $"{ack.Type} {ack.Reason}");
            var number = _open.Keys.First(number => IdOf(number) == ack.PacketId);
            if (ack.Type is PacketType.Pubrec)
            {
                _open[number] = true;
                await client.SendAsync(Release(number));
            }
            else
            {
                Assert.Equal(PacketType.Pubcomp, ack.Type);
                _open.Remove(number);
                Done++;
            }
        }
    }

    private bool TryBegin(out int number)
    {
        lock (_open)
        {
            number = _next;
            if (_open.Count >= Window || _next >= _limit) { return false; }
            _open.Add(_next++, false);
            return true;
        }
    }

    private PublishPacket Message(int number, bool isDuplicate) => new()
    {
        Topic = topic, Payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)), Qos = Qos.ExactlyOnce, PacketId = IdOf(number), IsDuplicate = isDuplicate,
    };

    private static AckPacket Release(int number) => new(PacketType.Pubrel, IdOf(number));

    // Few enough that numbers are used again.
    private static ushort IdOf(int number) => (ushort)((number % (3 * Window)) + 1);
}
