using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Crashes;

/// <summary>Subscribes with QoS 2 and keeps its half of each exchange over all connections: what it handles is what an application would be handed (MQTT 5.0, 4.3.3).</summary>
internal sealed class StubbornSubscriber(Func<CancellationToken, Task<RawClient>> connect, string topic)
{
    // A publisher's server that is killed again and again says nothing for long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HashSet<ushort> _received = []; // and not released
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _hasAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expected = int.MaxValue;
    private volatile RawClient? _client;
    private volatile bool _isOver;

    /// <summary>The numbers it was handed, in their order.</summary>
    public List<int> Handled { get; } = [];

    public Task WhenSubscribed => _subscribed.Task;

    /// <summary>Done when so many came, and the exchange of each has ended.</summary>
    public Task WhenHas(int count)
    {
        lock (Handled)
        {
            _expected = count;
            Check();
        }
        return _hasAll.Task;
    }

    /// <summary>Whether it was handed a number within a time.</summary>
    public async Task<bool> HasAsync(int number, TimeSpan within, CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < within; await Task.Delay(1, cancellationToken))
        {
            lock (Handled)
            {
                if (Handled.Contains(number)) { return true; }
            }
        }
        return false;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!_isOver)
        {
            using var client = await connect(cancellationToken);
            _client = client;
            if (_isOver) { return; }
            try
            {
                await ReceiveAsync(client);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The server was killed, or this is over.
            }
        }
    }

    /// <summary>Ends its connection, and makes no other.</summary>
    public void Stop()
    {
        _isOver = true;
        _client?.Dispose();
    }

    private async Task ReceiveAsync(RawClient client)
    {
        await client.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "subscriber", Properties = new() { SessionExpiry = uint.MaxValue } });
        if (await client.ReceiveAsync() is not ConnackPacket connack) { return; }
        Assert.True(connack.IsSessionPresent || !_subscribed.Task.IsCompleted, "the session of the subscriber was lost");
        if (!_subscribed.Task.IsCompleted)
        {
            await client.SendAsync(new SubscribePacket(1) { Requests = [new(topic, new(2))] });
            if (await client.ReceiveAsync() is not SubackPacket suback) { return; }
            Assert.Equal([ReasonCode.GrantedQos2], suback.Reasons);
            _subscribed.SetResult();
        }
        while (await client.ReceiveAsync(Patience) is { } packet)
        {
            if (packet is PublishPacket message)
            {
                Assert.Equal(Qos.ExactlyOnce, message.Qos);
                if (_received.Add(message.PacketId))
                {
                    lock (Handled) { Handled.Add(int.Parse(Encoding.UTF8.GetString(message.Payload.Span), CultureInfo.InvariantCulture)); }
                }
                await client.SendAsync(new AckPacket(PacketType.Pubrec, message.PacketId));
                continue;
            }
            var release = Assert.IsType<AckPacket>(packet);
            _received.Remove(release.PacketId);
            await client.SendAsync(new AckPacket(PacketType.Pubcomp, release.PacketId));
            lock (Handled) { Check(); }
        }
    }

    private void Check()
    {
        if (Handled.Count >= _expected && _received.Count == 0) { _hasAll.TrySetResult(); }
    }
}
