using Coco.ControlPlane.Storage;
using Coco.Quic.Packets;
using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Relaying;

/// <summary>Which relays of the instances on one database serve now: where clients of one go that stops.</summary>
internal sealed class RelayInstances(Database database, TimeProvider time)
{
    /// <summary>How often an instance says that it serves.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // Several times as long; as much ahead, for a clock that is back. One that jumps is right again with the next row.
    private static readonly TimeSpan Believed = TimeSpan.FromMinutes(2);

    public Task SayAsync(RelayInfo own, CancellationToken cancellationToken)
    {
        var bytes = new byte[2048]; // 32 bytes, 8 addresses and a URL of at most 255 characters
        var writer = new SpanWriter(bytes);
        own.Write(ref writer);
        var info = bytes[..writer.Position];
        return database.WriteAsync(
            session => session.ExecuteAsync(
                $"INSERT INTO relay_instances (relay, info, at) VALUES ({own.Id.ToString()}, {info}, {time.GetUtcNow()}) ON CONFLICT (relay) DO UPDATE SET info = excluded.info, at = excluded.at"),
            cancellationToken);
    }

    /// <summary>This relay stops.</summary>
    /// <returns>The others, those first that said so last.</returns>
    public async Task<IReadOnlyList<RelayInfo>> LeaveAsync(RelayInfo own, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rows = await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"DELETE FROM relay_instances WHERE relay = {own.Id.ToString()}");
                return await session.QueryAsync(
                    $"SELECT info FROM relay_instances WHERE at > {now - Believed} AND at < {now + Believed} ORDER BY at DESC LIMIT {(long)RelayMessageCodec.MaxOthers}", static row => row.Bytes("info"));
            },
            cancellationToken);
        return [.. rows.Select(Read).OfType<RelayInfo>()];
    }

    private static RelayInfo? Read(byte[] bytes)
    {
        var reader = new SpanReader(bytes);
        return RelayInfo.TryRead(ref reader, out var relay) ? relay : null;
    }
}
