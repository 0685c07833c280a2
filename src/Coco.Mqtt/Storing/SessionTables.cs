using Coco.Storage;

namespace Coco.Mqtt.Storing;

/// <summary>
/// The tables of the sessions of one realm. Integers are big endian, texts are MQTT's.
/// <code>
/// table           key                          value
/// sessions        session u64                  version u8 = 1, expiry u32, lost at i64 us (0: connected), missed i64, client id (text), has will u8, CONNECT that holds the will
/// subscriptions   session u64, SHA-256(filter) options u8, identifier u32, filter (text)
/// messages        session u64, order u64       QoS u8, retained u8, count u16, count × identifier u32, message (MessageCodec)
/// progress        session u64, order u64       packet identifier u16, released u8
/// received        session u64, packet id u16   empty
/// seen            SHA-256(filter), place u16   how many before u64, message's number, 16
/// outgoing        message's number, 16       message (MessageCodec)
/// retained        SHA-256(topic)               message (MessageCodec)
/// </code>
/// </summary>
internal sealed class SessionTables(string realm)
{
    public StoreTable Sessions { get; } = new($"{realm}sessions");

    public StoreTable Subscriptions { get; } = new($"{realm}subscriptions");

    public StoreTable Messages { get; } = new($"{realm}messages");

    public StoreTable Progress { get; } = new($"{realm}progress");

    public StoreTable Received { get; } = new($"{realm}received");

    public StoreTable Seen { get; } = new($"{realm}seen");

    public StoreTable Outgoing { get; } = new($"{realm}outgoing");

    public StoreTable Retained { get; } = new($"{realm}retained");
}
