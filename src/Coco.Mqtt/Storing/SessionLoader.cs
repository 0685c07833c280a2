using System.Buffers.Binary;
using Coco.Mqtt.Sessions;
using Coco.Storage;

namespace Coco.Mqtt.Storing;

/// <summary>Reads the sessions of a realm back from the store.</summary>
internal static class SessionLoader
{
    public static void Load(NodeStore store, SessionTables tables, Broker broker, MqttLimits limits, TimeSpan now)
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
        broker.Restore(sessions.Values, subscriptions);
        foreach (var row in store.Scan(tables.Outgoing))
        {
            if (MessageCodec.Read(row.Value, row.Key) is { } message) { broker.RestoreOutgoing(message); }
        }
    }

    private static Session? Of(Dictionary<ulong, Session> sessions, StoreRow row, int keyLength) =>
        row.Key.Length == keyLength ? sessions.GetValueOrDefault(BinaryPrimitives.ReadUInt64BigEndian(row.Key.Span)) : null;
}
