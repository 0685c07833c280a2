using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>A packet's bytes, and what its sender must be told when it is acknowledged or lost.</summary>
internal sealed class SentPacket(byte[] bytes, List<StreamFrameSent> streams, List<ControlFrameSent> controls)
{
    public byte[] Bytes { get; } = bytes;

    public List<StreamFrameSent> Streams { get; } = streams;

    public List<ControlFrameSent> Controls { get; } = controls;

    /// <summary>
    /// Fills a packet as a connection does: control frames, then streams until it is full. Null when there is nothing.
    /// </summary>
    public static SentPacket? TryTake(StreamSet from, int size, long now = 0, long rtt = 0)
    {
        var buffer = new byte[size];
        var used = 0;
        List<ControlFrameSent> controls = [];
        while (from.TryWriteControlFrame(buffer.AsSpan(used), now, rtt, out var control, out var written))
        {
            controls.Add(control);
            used += written;
        }
        List<StreamFrameSent> streams = [];
        while (from.TryWriteStreamFrame(buffer.AsSpan(used), lastInPacket: true, out var stream, out var written))
        {
            streams.Add(stream);
            used += written;
        }
        return used == 0 ? null : new(buffer[..used], streams, controls);
    }

    public void Ack(StreamSet sender)
    {
        foreach (var frame in Streams) { sender.OnAcked(frame); }
        foreach (var frame in Controls) { sender.OnAcked(frame); }
    }

    public void Lose(StreamSet sender)
    {
        foreach (var frame in Streams) { sender.OnLost(frame); }
        foreach (var frame in Controls) { sender.OnLost(frame); }
    }
}
