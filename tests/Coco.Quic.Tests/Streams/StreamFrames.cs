using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>Reads the frames that a <see cref="StreamSet"/> writes and hands them to another.</summary>
internal static class StreamFrames
{
    public static QuicErrorCode Deliver(ReadOnlySpan<byte> packet, StreamSet to)
    {
        if (packet.IsEmpty) { return QuicErrorCode.NoError; }
        var reader = new FrameReader(packet, EncryptionLevel.OneRtt, isFromServer: true);
        while (reader.TryRead(out var frame))
        {
            var error = Deliver(frame, to);
            if (error is not QuicErrorCode.NoError) { return error; }
        }
        return reader.Error;
    }

    private static QuicErrorCode Deliver(in Frame frame, StreamSet to) => frame.Type switch
    {
        FrameType.Stream => to.HandleStream((long)frame.StreamId, frame.Offset, frame.Data, frame.Fin),
        FrameType.ResetStream => to.HandleResetStream((long)frame.StreamId, frame.ErrorCode, frame.FinalSize),
        FrameType.StopSending => to.HandleStopSending((long)frame.StreamId, frame.ErrorCode),
        FrameType.MaxData => to.HandleMaxData(frame.Maximum),
        FrameType.MaxStreamData => to.HandleMaxStreamData((long)frame.StreamId, frame.Maximum),
        FrameType.MaxStreamsBidi => to.HandleMaxStreams(true, frame.Maximum),
        FrameType.MaxStreamsUni => to.HandleMaxStreams(false, frame.Maximum),
        FrameType.DataBlocked => StreamSet.HandleDataBlocked(frame.Maximum),
        FrameType.StreamDataBlocked => to.HandleStreamDataBlocked((long)frame.StreamId, frame.Maximum),
        FrameType.StreamsBlockedBidi => to.HandleStreamsBlocked(true, frame.Maximum),
        FrameType.StreamsBlockedUni => to.HandleStreamsBlocked(false, frame.Maximum),
        _ => QuicErrorCode.ProtocolViolation,
    };
}
