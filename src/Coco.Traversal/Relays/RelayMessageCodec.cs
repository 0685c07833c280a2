using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Traversal.Records;

namespace Coco.Traversal.Relays;

/// <summary>
/// Bodies of control messages between client and relay, framed as on every control stream (<see cref="Roaming.ControlStream"/>).
/// v is a variable-length integer (RFC 9000 §16), session a u64 other than 0.
/// What follows the fields known here is ignored: a later version may add to the end.
/// <code>
/// 0x01 REGISTER   = preference u8 (0 home, 1 secondary) ‖ record
/// 0x02 PUBLISH    = record
/// 0x03 RESOLVE    = request v ‖ NodeId (32)
/// 0x04 OPEN       = request v ‖ NodeId (32)
/// 0x05 CLOSE      = session
/// 0x10 REGISTERED = observed address ‖ sessions v ‖ bytes/s v ‖ packets/s v ‖ bytes left v ‖ keep-alive in ms v ‖ URL
/// 0x11 RECORD     = request v ‖ record
/// 0x12 OPENED     = request v ‖ session
/// 0x13 REFUSED    = request v ‖ reason v
/// 0x14 INCOMING   = session ‖ NodeId (32)
/// 0x15 CLOSED     = session ‖ reason v
/// 0x16 DRAINING   = milliseconds v ‖ count u8 (0–4) ‖ count × relay
/// 0x17 SUPERSEDED = nothing
/// record          = length v (0: none) ‖ signed address record; address, relay, URL (length u8 ‖ ASCII, 0: none): as in that record
/// </code>
/// </summary>
internal static class RelayMessageCodec
{
    public const int MaxOthers = 4;

    // The longest is PUBLISH or RECORD with a record of full length, or DRAINING with four relays.
    private const int MaxBody = 8 + 8 + AddressRecord.MaxLength;

    public static byte[] Write(RelayMessage message)
    {
        var writer = new SpanWriter(stackalloc byte[MaxBody]);
        switch (message)
        {
            case RelayMessage.Register register:
                writer.WriteByte((byte)register.Preference);
                WriteRecord(ref writer, register.Record);
                break;
            case RelayMessage.Publish publish: WriteRecord(ref writer, publish.Record); break;
            case RelayMessage.Resolve resolve: WriteRequest(ref writer, resolve.Request, resolve.Target); break;
            case RelayMessage.Open open: WriteRequest(ref writer, open.Request, open.Target); break;
            case RelayMessage.Close close: writer.WriteUInt64(close.Session); break;
            case RelayMessage.Registered registered: WriteRegistered(ref writer, registered); break;
            case RelayMessage.Found found:
                writer.WriteVarInt(found.Request);
                WriteRecord(ref writer, found.Record);
                break;
            case RelayMessage.Opened opened:
                writer.WriteVarInt(opened.Request);
                writer.WriteUInt64(opened.Session);
                break;
            case RelayMessage.Refused refused:
                writer.WriteVarInt(refused.Request);
                writer.WriteVarInt((ulong)refused.Reason);
                break;
            case RelayMessage.Incoming incoming:
                writer.WriteUInt64(incoming.Session);
                incoming.Caller.CopyTo(writer.Reserve(NodeId.Size));
                break;
            case RelayMessage.Closed closed:
                writer.WriteUInt64(closed.Session);
                writer.WriteVarInt((ulong)closed.Reason);
                break;
            case RelayMessage.Draining draining: WriteDraining(ref writer, draining); break;
        }
        return writer.Written.ToArray();
    }

    public static bool IsKnown(ulong type) =>
        type is >= (ulong)RelayMessageType.Register and <= (ulong)RelayMessageType.Close
            or >= (ulong)RelayMessageType.Registered and <= (ulong)RelayMessageType.Superseded;

    /// <summary>Reads a body. False for one that breaks the rules above, or a type not known.</summary>
    public static bool TryRead(ulong type, ReadOnlySpan<byte> body, out RelayMessage? message)
    {
        var reader = new SpanReader(body);
        message = (RelayMessageType)type switch
        {
            RelayMessageType.Register => ReadRegister(ref reader),
            RelayMessageType.Publish => TryReadRecord(ref reader, out var record) && record is not null ? new RelayMessage.Publish(record) : null,
            RelayMessageType.Resolve => TryReadRequest(ref reader, out var request, out var id) ? new RelayMessage.Resolve(request, id) : null,
            RelayMessageType.Open => TryReadRequest(ref reader, out var request, out var id) ? new RelayMessage.Open(request, id) : null,
            RelayMessageType.Close => TryReadSession(ref reader, out var session) ? new RelayMessage.Close(session) : null,
            RelayMessageType.Registered => ReadRegistered(ref reader),
            RelayMessageType.Record =>
                reader.TryReadVarInt(out var request) && TryReadRecord(ref reader, out var record) ? new RelayMessage.Found(request, record) : null,
            RelayMessageType.Opened =>
                reader.TryReadVarInt(out var request) && TryReadSession(ref reader, out var session) ? new RelayMessage.Opened(request, session) : null,
            RelayMessageType.Refused =>
                reader.TryReadVarInt(out var request) && reader.TryReadVarInt(out var reason) ? new RelayMessage.Refused(request, (RelayRefusal)reason) : null,
            RelayMessageType.Incoming =>
                TryReadSession(ref reader, out var session) && TryReadId(ref reader, out var id) ? new RelayMessage.Incoming(session, id) : null,
            RelayMessageType.Closed =>
                TryReadSession(ref reader, out var session) && reader.TryReadVarInt(out var reason)
                    ? new RelayMessage.Closed(session, (RelayCloseReason)reason) : null,
            RelayMessageType.Draining => ReadDraining(ref reader),
            RelayMessageType.Superseded => new RelayMessage.Superseded(),
            _ => null,
        };
        return message is not null;
    }

    private static RelayMessage.Register? ReadRegister(ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var preference) || preference > (byte)RelayPreference.Secondary) { return null; }
        return TryReadRecord(ref reader, out var record) ? new((RelayPreference)preference, record) : null;
    }

    private static void WriteRegistered(ref SpanWriter writer, RelayMessage.Registered message)
    {
        message.Observed.Write(writer.Reserve(message.Observed.WireLength));
        writer.WriteVarInt(Math.Min(message.Limits.MaxSessions, VarInt.Max));
        writer.WriteVarInt(Math.Min(message.Limits.BytesPerSecond, VarInt.Max));
        writer.WriteVarInt(Math.Min(message.Limits.PacketsPerSecond, VarInt.Max));
        writer.WriteVarInt(Math.Min(message.Limits.BytesLeft, VarInt.Max));
        writer.WriteVarInt(Milliseconds(message.KeepAlive));
        RelayInfo.WriteUrl(ref writer, message.Url);
    }

    private static RelayMessage.Registered? ReadRegistered(ref SpanReader reader)
    {
        if (!NetworkAddress.TryRead(reader.Remaining, out var observed, out var length)) { return null; }
        reader.TryReadBytes(length, out _);
        if (!reader.TryReadVarInt(out var sessions) || !reader.TryReadVarInt(out var bytes) || !reader.TryReadVarInt(out var packets)) { return null; }
        if (!reader.TryReadVarInt(out var left) || !TryReadMilliseconds(ref reader, out var keepAlive)) { return null; }
        return RelayInfo.TryReadUrl(ref reader, out var url) ? new(observed, new(sessions, bytes, packets, left), keepAlive, url) : null;
    }

    private static void WriteDraining(ref SpanWriter writer, RelayMessage.Draining message)
    {
        writer.WriteVarInt(Milliseconds(message.Remaining));
        writer.WriteByte((byte)Math.Min(MaxOthers, message.Others.Count));
        foreach (var relay in message.Others.Take(MaxOthers)) { relay.Write(ref writer); }
    }

    private static RelayMessage.Draining? ReadDraining(ref SpanReader reader)
    {
        if (!TryReadMilliseconds(ref reader, out var remaining) || !reader.TryReadByte(out var count) || count > MaxOthers) { return null; }
        var others = new RelayInfo[count];
        for (var i = 0; i < count; i++)
        {
            if (!RelayInfo.TryRead(ref reader, out var relay)) { return null; }
            others[i] = relay!;
        }
        return new(remaining, others);
    }

    private static void WriteRequest(ref SpanWriter writer, ulong request, NodeId target)
    {
        writer.WriteVarInt(request);
        target.CopyTo(writer.Reserve(NodeId.Size));
    }

    // An answer with number 0 is one to the registration, so no request may have it.
    private static bool TryReadRequest(ref SpanReader reader, out ulong request, out NodeId target)
    {
        target = default;
        return reader.TryReadVarInt(out request) && request != 0 && TryReadId(ref reader, out target);
    }

    private static bool TryReadId(ref SpanReader reader, out NodeId id)
    {
        id = default;
        if (!reader.TryReadBytes(NodeId.Size, out var bytes)) { return false; }
        id = NodeId.Read(bytes);
        return !id.IsDefault;
    }

    private static bool TryReadSession(ref SpanReader reader, out ulong session) => reader.TryReadUInt64(out session) && session != 0;

    private static void WriteRecord(ref SpanWriter writer, AddressRecord? record)
    {
        writer.WriteVarInt((ulong)(record?.Encoded.Length ?? 0));
        if (record is not null) { writer.WriteBytes(record.Encoded.Span); }
    }

    private static bool TryReadRecord(ref SpanReader reader, out AddressRecord? record)
    {
        record = null;
        return reader.TryReadVarIntBytes(out var bytes) && (bytes.IsEmpty || AddressRecord.TryRead(bytes, out record));
    }

    private static ulong Milliseconds(TimeSpan time) => (ulong)Math.Max(0, time.Ticks / TimeSpan.TicksPerMillisecond);

    // A day is as good as for ever, and no sum with it overflows.
    private static bool TryReadMilliseconds(ref SpanReader reader, out TimeSpan time)
    {
        var isRead = reader.TryReadVarInt(out var milliseconds);
        time = TimeSpan.FromMilliseconds(Math.Min(milliseconds, 86_400_000));
        return isRead;
    }
}
