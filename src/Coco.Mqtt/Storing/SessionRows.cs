using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Storing;

/// <summary>Keys and values of <see cref="SessionTables"/>. The store hands back what was written or nothing; what reads is strict all the same.</summary>
internal static class SessionRows
{
    private const byte Version = 1;

    public static byte[] Key(Session session)
    {
        var key = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(key, session.Number);
        return key;
    }

    public static byte[] Key(Session session, ulong order)
    {
        var key = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(key, session.Number);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(8), order);
        return key;
    }

    public static byte[] Key(Session session, ushort packetId) => [.. Key(session), (byte)(packetId >> 8), (byte)packetId];

    public static byte[] Key(Subscription subscription) => [.. Key(subscription.Session), .. Key(subscription.Filter.Text)];

    public static byte[] Key(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name));

    public static byte[] SeenKey(byte[] filter, ulong place)
    {
        var at = (ushort)(place % SeenNumbers.Most);
        return [.. filter, (byte)(at >> 8), (byte)at];
    }

    public static byte[] Value(Session session) => Written((ref PacketWriter writer) =>
    {
        var lostAt = (session.LostAt ?? TimeSpan.Zero).Ticks / TimeSpan.TicksPerMicrosecond;
        writer.Byte(Version);
        writer.UInt32(session.ExpirySeconds);
        Int64(ref writer, lostAt);
        Int64(ref writer, session.Missed);
        writer.Text(session.ClientId);
        writer.Byte(session.Will is null ? (byte)0 : (byte)1);
        if (session.Will is null) { return; }
        new ConnectPacket { Version = ProtocolVersion.V5, Will = session.Will }.WriteBody(ref writer, ProtocolVersion.V5);
    });

    public static Session? ReadSession(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MqttLimits limits, TimeSpan now)
    {
        var reader = new PacketReader(value);
        if (key.Length != 8 || reader.Byte() != Version) { return null; }
        var expiry = reader.UInt32();
        var lostAt = Int64(ref reader);
        var missed = Int64(ref reader);
        var clientId = reader.Text();
        var hasWill = reader.Byte() == 1;
        if (reader.IsBroken || lostAt < 0 || lostAt > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond) { return null; }
        WillMessage? will = null;
        if (hasWill)
        {
            if (ConnectPacket.Read(reader, out var packet) is not ReasonCode.Success) { return null; }
            will = packet!.Will;
        }
        // Who was connected when the process ended lost its connection now, as far as anybody knows.
        var lost = lostAt == 0 ? now : TimeSpan.FromMicroseconds(lostAt);
        return new(clientId, BinaryPrimitives.ReadUInt64BigEndian(key), limits)
        {
            IsKept = true, ExpirySeconds = expiry, LostAt = lost, Missed = missed, Will = will,
            WillAt = will is null ? null : lost + TimeSpan.FromSeconds(will.DelaySeconds),
        };
    }

    public static byte[] Value(Subscription subscription) => Written((ref PacketWriter writer) =>
    {
        writer.Byte(subscription.Options.Value);
        writer.UInt32((uint)subscription.Identifier);
        writer.Text(subscription.Filter.Text);
    });

    public static Subscription? ReadSubscription(Session session, ReadOnlySpan<byte> value)
    {
        var reader = new PacketReader(value);
        var options = new SubscriptionOptions(reader.Byte());
        var identifier = (int)reader.UInt32();
        var text = reader.Text();
        return !reader.IsBroken && TopicFilter.TryParse(text, out var filter) ? new(session, filter) { Options = options, Identifier = identifier } : null;
    }

    public static byte[] Value(Message message)
    {
        var output = new ArrayBufferWriter<byte>(message.Payload.Length + 256);
        MessageCodec.Write(output, message);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Value(Delivery delivery)
    {
        var head = Written((ref PacketWriter writer) =>
        {
            writer.Byte((byte)delivery.Qos);
            writer.Byte(delivery.IsRetained ? (byte)1 : (byte)0);
            writer.UInt16((ushort)Math.Min(delivery.Identifiers.Count, ushort.MaxValue));
            foreach (var identifier in delivery.Identifiers.Take(ushort.MaxValue)) { writer.UInt32((uint)identifier); }
        });
        return [.. head, .. Value(delivery.Message)];
    }

    public static Delivery? ReadDelivery(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value)
    {
        var reader = new PacketReader(value.Span);
        var qos = (Qos)reader.Byte();
        var isRetained = reader.Byte() == 1;
        var identifiers = new int[Math.Min(reader.UInt16(), value.Length / 4)];
        for (var at = 0; at < identifiers.Length; at++) { identifiers[at] = (int)reader.UInt32(); }
        if (reader.IsBroken || key.Length != 16 || MessageCodec.Read(value[^reader.Remaining..]) is not { } message) { return null; }
        return new(message, qos, isRetained, identifiers, BinaryPrimitives.ReadUInt64BigEndian(key[8..]));
    }

    public static byte[] Progress(Delivery delivery) => [(byte)(delivery.PacketId >> 8), (byte)delivery.PacketId, delivery.IsReleased ? (byte)1 : (byte)0];

    public static void ReadProgress(Delivery delivery, ReadOnlySpan<byte> value)
    {
        if (value.Length == 3) { (delivery.PacketId, delivery.IsReleased) = (BinaryPrimitives.ReadUInt16BigEndian(value), value[2] == 1); }
    }

    public static byte[] Seen(ulong place, ReadOnlySpan<byte> number)
    {
        var row = new byte[8 + number.Length];
        BinaryPrimitives.WriteUInt64BigEndian(row, place);
        number.CopyTo(row.AsSpan(8));
        return row;
    }

    public static (ulong Place, UInt128 Number)? ReadSeen(ReadOnlySpan<byte> value) =>
        value.Length == 24 ? (BinaryPrimitives.ReadUInt64BigEndian(value), BinaryPrimitives.ReadUInt128BigEndian(value[8..])) : null;

    private static byte[] Written(WriteAction write)
    {
        var counting = PacketWriter.Counting();
        write(ref counting);
        var bytes = new byte[counting.Length];
        var writer = PacketWriter.To(bytes);
        write(ref writer);
        return bytes;
    }

    private static void Int64(ref PacketWriter writer, long value)
    {
        writer.UInt32((uint)(value >> 32));
        writer.UInt32((uint)value);
    }

    private static long Int64(ref PacketReader reader) => ((long)reader.UInt32() << 32) | reader.UInt32();

    private delegate void WriteAction(ref PacketWriter writer);
}
