using Coco.Quic.Packets;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>Reads the frames that a <see cref="StreamSet"/> writes and hands them to another.</summary>
internal static class StreamFrames
{
    public static QuicErrorCode Deliver(ReadOnlySpan<byte> packet, StreamSet to)
    {
        while (!packet.IsEmpty)
        {
            var type = packet[0];
            packet = packet[1..];
            var error = type is >= 0x08 and <= 0x0F ? DeliverStream(type, ref packet, to) : DeliverControl(type, ref packet, to);
            if (error is not QuicErrorCode.NoError) { return error; }
        }
        return QuicErrorCode.NoError;
    }

    public static ulong ReadVarInt(ref ReadOnlySpan<byte> source)
    {
        Assert.True(VarInt.TryRead(source, out var value, out var length));
        source = source[length..];
        return value;
    }

    private static QuicErrorCode DeliverStream(byte type, ref ReadOnlySpan<byte> packet, StreamSet to)
    {
        var id = (long)ReadVarInt(ref packet);
        var offset = (type & 4) != 0 ? ReadVarInt(ref packet) : 0;
        var length = (type & 2) != 0 ? (int)ReadVarInt(ref packet) : packet.Length;
        var data = packet[..length];
        packet = packet[length..];
        return to.HandleStream(id, offset, data, (type & 1) != 0);
    }

    private static QuicErrorCode DeliverControl(byte type, ref ReadOnlySpan<byte> packet, StreamSet to)
    {
        var first = ReadVarInt(ref packet);
        return (ControlFrameKind)type switch
        {
            ControlFrameKind.ResetStream => to.HandleResetStream((long)first, ReadVarInt(ref packet), ReadVarInt(ref packet)),
            ControlFrameKind.StopSending => to.HandleStopSending((long)first, ReadVarInt(ref packet)),
            ControlFrameKind.MaxData => to.HandleMaxData(first),
            ControlFrameKind.MaxStreamData => to.HandleMaxStreamData((long)first, ReadVarInt(ref packet)),
            ControlFrameKind.MaxStreamsBidirectional => to.HandleMaxStreams(true, first),
            ControlFrameKind.MaxStreamsUnidirectional => to.HandleMaxStreams(false, first),
            ControlFrameKind.DataBlocked => StreamSet.HandleDataBlocked(first),
            ControlFrameKind.StreamDataBlocked => to.HandleStreamDataBlocked((long)first, ReadVarInt(ref packet)),
            ControlFrameKind.StreamsBlockedBidirectional => to.HandleStreamsBlocked(true, first),
            ControlFrameKind.StreamsBlockedUnidirectional => to.HandleStreamsBlocked(false, first),
            _ => QuicErrorCode.FrameEncodingError,
        };
    }
}
