using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Storing;
using Coco.Mqtt.Tests.Sessions;
using Coco.Storage;

namespace Coco.Mqtt.Tests.Storing;

/// <summary>Numbers of QoS 2 messages of other edges over restarts: a broker without sockets on a store of its own.</summary>
public sealed class SeenNumberTests : IDisposable
{
    private static readonly SessionTables Tables = new("mqtt.");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-mqtt-seen-");
    private readonly IdentityKey _key = IdentityKey.Generate();
    private NodeStore? _store;
    private StoreSessionLog? _log;

    [Fact]
    public async Task What_another_edge_said_is_known_after_a_restart_in_its_order()
    {
        await RunAsync((broker, bus) =>
        {
            Connect(broker, "s", 1000, "a/#");
            bus.Filters["a/#"].SetResult(BusSubscription.Empty);
            Say(broker, "a/#", 3, 1, 2);
        });

        await RunAsync((broker, bus) =>
        {
            Assert.Equal([3, 1, 2], bus.Seen["a/#"]);
            Say(broker, "a/#", 4);
        });

        await RunAsync((_, bus) => Assert.Equal([3, 1, 2, 4], bus.Seen["a/#"]));
    }

    [Fact]
    public async Task No_more_are_kept_than_are_known()
    {
        await RunAsync((broker, _) =>
        {
            Connect(broker, "s", 1000, "a");
            Say(broker, "a", [.. Enumerable.Range(1, SeenNumbers.Most + 10)]);
        });

        await RunAsync((_, bus) => Assert.Equal(Enumerable.Range(11, SeenNumbers.Most).Select(static number => (UInt128)number), bus.Seen["a"]));
    }

    [Fact]
    public async Task Numbers_are_forgotten_when_nobody_with_a_session_that_is_kept_subscribes_any_more()
    {
        await RunAsync((broker, _) =>
        {
            var subscriber = Connect(broker, "s", 1000, "left", "ended");
            Connect(broker, "other", 1, "over");
            Connect(broker, "clean", 0, "never", "ended");
            foreach (var filter in (string[])["left", "over", "never", "ended"]) { Say(broker, filter, 1, 2); }
            subscriber.Send(new UnsubscribePacket(9) { Filters = ["left", "ended"] });
            Assert.Equal(["ended", "over"], Kept("ended", "left", "never", "over"));
        });
        await RunAsync((broker, _) => broker.Pass(5)); // what only a clean session has left is found at the start, what is over in time

        await RunAsync((_, _) => Assert.Empty(Kept("ended", "left", "never", "over")));
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private IEnumerable<string> Kept(params string[] filters)
    {
        _log!.Commit();
        _log.WhenCommitted().Wait();
        var rows = _store!.Scan(Tables.Seen).Select(static row => Convert.ToHexString(row.Key.Span[..32])).ToHashSet();
        return filters.Where(filter => rows.Contains(Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(filter)))));
    }

    // One life of an edge.
    private async Task RunAsync(Action<TestBroker, ManualBus> live)
    {
        _store = await NodeStore.OpenAsync(Path.Combine(_folder.FullName, "edge"), StoreKey.FromIdentity(_key));
        _log = new StoreSessionLog(_store, Tables, static _ => { }, static _ => { });
        var bus = new ManualBus();
        var broker = new TestBroker(bus: bus, log: _log);
        SessionLoader.Load(_store, Tables, _log, broker.Broker, broker.Limits, broker.Now);
        live(broker, bus);
        _log.Commit();
        await _log.WhenCommitted();
        await _store.DisposeAsync();
    }

    // CONNACK waits for the commit, which nobody waits for here.
    private static TestClient Connect(TestBroker broker, string clientId, uint expiry, params string[] filters)
    {
        var link = new TestLink { Version = ProtocolVersion.V5 };
        var packet = new ConnectPacket { Version = ProtocolVersion.V5, ClientId = clientId, IsCleanStart = true, Properties = new() { SessionExpiry = expiry } };
        var client = new TestClient(broker, link, broker.Broker.HandleConnect(link, packet, broker.Now));
        client.Send(new SubscribePacket(100) { Requests = [.. filters.Select(static filter => new SubscriptionRequest(filter, new(2)))] });
        return client;
    }

    private static void Say(TestBroker broker, string filter, params int[] numbers)
    {
        var messages = numbers.Select(number => new BusMessage(
            new() { Topic = filter.Replace("#", "b", StringComparison.Ordinal), Payload = new byte[1], Qos = Qos.ExactlyOnce, Id = Number(number) }, IsStored: false));
        broker.Broker.HandleBusMessages(filter, [.. messages], static () => { }, broker.Now);
    }

    private static byte[] Number(int number)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, (UInt128)number);
        return bytes;
    }
}
