using System.Buffers.Binary;
using Coco.Mqtt.Sessions;
using Coco.Storage;

namespace Coco.Mqtt.Storing;

/// <summary>Reads the sessions of a realm back from the store.</summary>
internal static class SessionLoader
{
    public static void Load(NodeStore store, SessionTables tables, StoreSessionLog log, Broker broker, MqttLimits limits, TimeSpan now)
    {
        foreach (var row in store.Scan(tables.Retained))
        {
            if (MessageCodec.Read(row.Value) is { } message) { broker.RestoreRetained(message); }
        }
        var sessions = new Dictionary<ulong, Session>();
        foreach (var row in store.Scan(tables.Sessions))
        {
            if (SessionRows.ReadSession(row.Key.Span, row.Value.Span, limits, now) is { } session) { sessions.Add(session.Number, session); }
        }
        foreach (var row in store.Scan(tables.Received))
        {
            if (Of(sessions, row, 10) is { } session) { session.Received.Add(BinaryPrimitives.ReadUInt16BigEndian(row.Key.Span[8..])); }
        }
        foreach (var row in store.Scan(tables.Messages).OrderBy(static row => BinaryPrimitives.ReadUInt64BigEndian(row.Key.Span[8..])))
        {
            if (Of(sessions, row, 16) is not { } session || SessionRows.ReadDelivery(row.Key.Span, row.Value) is not { } delivery) { continue; }
            if (store.TryGet(tables.Progress, row.Key.Span, out var progress)) { SessionRows.ReadProgress(delivery, progress); }
            session.Restore(delivery);
        }
        var subscriptions = store.Scan(tables.Subscriptions)
            .Select(row => Of(sessions, row, 40) is { } session ? SessionRows.ReadSubscription(session, row.Value.Span) : null)
            .OfType<Subscription>()
            .ToList();
        broker.Restore(sessions.Values, subscriptions, LoadSeen(store, tables, log, subscriptions));
        foreach (var row in store.Scan(tables.Outgoing))
        {
            if (MessageCodec.Read(row.Value, row.Key) is { } message) { broker.RestoreOutgoing(message); }
        }
    }

    private static Dictionary<string, SeenRows> LoadSeen(NodeStore store, SessionTables tables, StoreSessionLog log, List<Subscription> subscriptions)
    {
        var filters = subscriptions.Select(static one => one.Filter.Filter).Distinct(StringComparer.Ordinal)
            .ToDictionary(static filter => Convert.ToHexString(SessionRows.Key(filter)), StringComparer.Ordinal);
        var places = new Dictionary<string, List<(ulong Place, UInt128 Number)>>(StringComparer.Ordinal);
        foreach (var row in store.Scan(tables.Seen))
        {
            // Whoever subscribed last may have had a session that ended with the process.
            if (row.Key.Length != 34 || SessionRows.ReadSeen(row.Value.Span) is not { } seen || !filters.TryGetValue(Convert.ToHexString(row.Key.Span[..32]), out var filter))
            {
                log.RemoveSeen(row.Key);
                continue;
            }
            if (!places.TryGetValue(filter, out var list)) { places.Add(filter, list = []); }
            list.Add(seen);
        }
        return places.ToDictionary(
            static one => one.Key,
            static one => new SeenRows(one.Value.Max(static seen => seen.Place) + 1, [.. one.Value.OrderBy(static seen => seen.Place).Select(static seen => seen.Number)]),
            StringComparer.Ordinal);
    }

    private static Session? Of(Dictionary<ulong, Session> sessions, StoreRow row, int keyLength) =>
        row.Key.Length == keyLength ? sessions.GetValueOrDefault(BinaryPrimitives.ReadUInt64BigEndian(row.Key.Span)) : null;
}
