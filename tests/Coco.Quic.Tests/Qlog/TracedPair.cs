using System.Buffers;
using System.Text.Json;
using Coco.Quic.Connections;
using Coco.Quic.Qlog;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Qlog;

/// <summary>A simulated pair that writes a trace on each side, and what the traces say.</summary>
internal sealed class TracedPair : IDisposable
{
    public static readonly DateTimeOffset Epoch = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte>[] _outputs = [new(), new()];

    public TracedPair(ulong seed, LinkOptions? link = null) => Pair = new(
        seed, link, options => options with { Qlog = _ => TraceOf(0) }, options => options with { Qlog = _ => TraceOf(1) });

    public SimulatedPair Pair { get; }

    /// <summary>Loss, a key update by each side, a migration, data both ways, and a close.</summary>
    public static TracedPair RunEverything(ulong seed)
    {
        var traced = new TracedPair(seed, new LinkOptions { Loss = 0.03, BytesPerSecond = 2_000_000 });
        var pair = traced.Pair.Connect();
        pair.Transfer(pair.Client, pair.Server!, 300_000);
        Assert.True(pair.Network.RunUntil(pair.Client.TryUpdateKeys));
        pair.Transfer(pair.Server!, pair.Client, 100_000);
        Assert.True(pair.Network.RunUntil(pair.Server!.TryUpdateKeys));
        pair.Transfer(pair.Client, pair.Server!, 50_000);
        Assert.True(pair.Network.RunUntil(() => pair.Client.TryProbePath(pair.Network.Path(2), pair.Network.Now)));
        Assert.True(pair.Network.RunUntil(() => pair.Client.TrySwitchPath(new(2), pair.Network.Now)));
        pair.Transfer(pair.Client, pair.Server!, 50_000);
        pair.Client.Close(7, "done \"here\" \uD800", pair.Network.Now);
        Assert.True(pair.Network.RunUntil(
            () => pair.Client.State == ConnectionState.Closed && pair.Server!.CloseReason is not null));
        return traced;
    }

    /// <summary>The records of a side, the header first.</summary>
    public List<JsonElement> Records(int side)
    {
        var rest = _outputs[side].WrittenSpan;
        List<JsonElement> records = [];
        while (!rest.IsEmpty)
        {
            Assert.Equal(0x1E, rest[0]); // RFC 7464 §2.2
            var end = rest[1..].IndexOf((byte)0x1E);
            var record = end < 0 ? rest[1..] : rest[1..(end + 1)];
            Assert.Equal((byte)'\n', record[^1]);
            using var document = JsonDocument.Parse(record.ToArray());
            records.Add(document.RootElement.Clone());
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
        return records;
    }

    /// <summary>The data of each event of one name.</summary>
    public List<JsonElement> Events(int side, string name) =>
        Records(side)
            .FindAll(record => record.TryGetProperty("name", out var value) && value.ValueEquals(name))
            .ConvertAll(record => record.GetProperty("data"));

    public string Text(int side) => System.Text.Encoding.UTF8.GetString(_outputs[side].WrittenSpan);

    public void Dispose() => Pair.Dispose();

    private QlogTrace TraceOf(int side) => new(Epoch, TimeSpan.FromSeconds(1), _outputs[side], side == 0 ? "client" : "server");
}
