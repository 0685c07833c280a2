using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Traversal.Hops;

/// <summary>
/// Bodies of the messages by which neighbours open and end sessions, on the control stream of their connection
/// (<see cref="Roaming.ControlStream"/>). v is a variable-length integer (RFC 9000 §16), session a u64 other than 0. What follows the fields
/// known here is ignored: a later version may add to the end.
/// <code>
/// 0x30 HOP_OPEN    = session ‖ origin NodeId (32) ‖ target NodeId (32) ‖ aim NodeId (32) ‖ hops left u8
/// 0x31 HOP_OPENED  = session ‖ other session
/// 0x32 HOP_REFUSED = session ‖ reason v
/// 0x33 HOP_CLOSED  = session ‖ reason v
/// </code>
/// Each side chooses the number under which it receives, so that no neighbour can take one that is in use: HOP_OPEN names the sender's, all
/// others first the receiver's.
/// </summary>
internal static class HopMessageCodec
{
    public const ulong Open = 0x30;
    public const ulong Opened = 0x31;
    public const ulong Refused = 0x32;
    public const ulong Closed = 0x33;

    private const int MaxBody = sizeof(ulong) + (3 * NodeId.Size) + 1;

    public static bool IsKnown(ulong type) => type is >= Open and <= Closed;

    public static byte[] Write(HopMessage message, out ulong type)
    {
        var writer = new SpanWriter(stackalloc byte[MaxBody]);
        switch (message)
        {
            case HopMessage.Open open:
                type = Open;
                writer.WriteUInt64(open.Session);
                open.Origin.CopyTo(writer.Reserve(NodeId.Size));
                open.Target.CopyTo(writer.Reserve(NodeId.Size));
                open.Aim.CopyTo(writer.Reserve(NodeId.Size));
                writer.WriteByte(open.HopsLeft);
                break;
            case HopMessage.Opened opened:
                type = Opened;
                writer.WriteUInt64(opened.Session);
                writer.WriteUInt64(opened.OtherSession);
                break;
            case HopMessage.Refused refused:
                type = Refused;
                writer.WriteUInt64(refused.Session);
                writer.WriteVarInt((ulong)refused.Reason);
                break;
            case HopMessage.Closed closed:
                type = Closed;
                writer.WriteUInt64(closed.Session);
                writer.WriteVarInt((ulong)closed.Reason);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(message));
        }
        return writer.Written.ToArray();
    }

    /// <summary>Reads a body. False for one that breaks the rules above, or a type not known.</summary>
    public static bool TryRead(ulong type, ReadOnlySpan<byte> body, out HopMessage? message)
    {
        message = null;
        var reader = new SpanReader(body);
        if (!reader.TryReadUInt64(out var session) || session == 0) { return false; }
        switch (type)
        {
            case Open:
                if (!TryReadId(ref reader, out var origin) || !TryReadId(ref reader, out var target) || !TryReadId(ref reader, out var aim)
                    || !reader.TryReadByte(out var hopsLeft)) { return false; }
                message = new HopMessage.Open(session, origin, target, aim, hopsLeft);
                return true;
            case Opened:
                if (!reader.TryReadUInt64(out var other) || other == 0) { return false; }
                message = new HopMessage.Opened(session, other);
                return true;
            case Refused:
                if (!reader.TryReadVarInt(out var refusal)) { return false; }
                message = new HopMessage.Refused(session, (HopRefusal)refusal);
                return true;
            case Closed:
                if (!reader.TryReadVarInt(out var reason)) { return false; }
                message = new HopMessage.Closed(session, (HopCloseReason)reason);
                return true;
            default: return false;
        }
    }

    private static bool TryReadId(ref SpanReader reader, out NodeId id)
    {
        id = default;
        if (!reader.TryReadBytes(NodeId.Size, out var bytes)) { return false; }
        id = NodeId.Read(bytes);
        return !id.IsDefault;
    }
}
