using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>
/// A sender and a receiver joined by a ring of packets in flight, written so that the harness itself allocates nothing.
/// </summary>
internal sealed class StreamPipe
{
    private const int PacketSize = 1400;
    private const int InFlight = 256;

    private readonly StreamPair _pair;
    private readonly byte[] _packet = new byte[PacketSize];
    private readonly byte[] _data = new byte[64 << 10];
    private readonly byte[] _read = new byte[64 << 10];
    private readonly StreamFrameSent[] _sent = new StreamFrameSent[InFlight];
    private int _packets;

    public StreamPipe(StreamOptions options) => _pair = new(options);

    public StreamSet Sender => _pair.Client;

    public StreamSet Receiver => _pair.Server;

    public void Pump(long id, long bytes, int lossEvery)
    {
        long written = 0;
        long read = 0;
        while (read < bytes)
        {
            if (written < bytes)
            {
                Sender.Write(id, _data.AsSpan(0, (int)Math.Min(_data.Length, bytes - written)), fin: false, out var count);
                written += count;
            }
            for (var burst = 0; burst < 32 && Sender.HasData; burst++) { Send(lossEvery); }
            if (!Sender.HasData && written == bytes) { Settle(); }
            while (Receiver.Read(id, _read, out var count, out _).Status is StreamReadStatus.Ok) { read += count; }
            Feedback();
            Drain(Receiver);
            Drain(Sender);
        }
        Settle();
    }

    public void PumpShortStreams(int streams, int size)
    {
        var closed = 0;
        var opened = 0;
        while (closed < streams)
        {
            while (opened < streams && Sender.TryOpen(bidirectional: false, out var id))
            {
                Sender.Write(id, _data.AsSpan(0, size), fin: true, out _);
                opened++;
            }
            while (Sender.HasData) { Send(lossEvery: 0); }
            Settle();
            while (Receiver.TryTakeEvent(out var taken))
            {
                if (taken.Kind is StreamEventKind.Readable) { Receiver.Read(taken.Id, _read, out _, out _); }
                if (taken.Kind is StreamEventKind.Closed) { closed++; }
            }
            Drain(Sender);
            Feedback();
            while (Sender.TryWriteControlFrame(_packet, 0, 0, out _, out var written))
            {
                StreamFrames.Deliver(_packet.AsSpan(0, written), Receiver);
            }
        }
    }

    private void Send(int lossEvery)
    {
        var used = 0;
        if (!Sender.TryWriteStreamFrame(_packet, lastInPacket: true, out var sent, out used)) { return; }

        // The oldest packet in flight is acknowledged, or lost, as the next takes its place.
        ref var slot = ref _sent[_packets++ % InFlight];
        if (slot.Length > 0) { Sender.OnAcked(slot); }
        slot = sent;
        if (lossEvery > 0 && _packets % lossEvery == 0)
        {
            Sender.OnLost(sent);
            slot = default;
            return;
        }
        Assert.True(StreamFrames.Deliver(_packet.AsSpan(0, used), Receiver) is QuicErrorCode.NoError);
    }

    private void Settle()
    {
        for (var i = 0; i < InFlight; i++)
        {
            ref var slot = ref _sent[(_packets + i) % InFlight];
            if (slot.Length > 0) { Sender.OnAcked(slot); }
            slot = default;
        }
    }

    private void Feedback()
    {
        while (Receiver.TryWriteControlFrame(_packet, 0, 0, out var control, out var written))
        {
            StreamFrames.Deliver(_packet.AsSpan(0, written), Sender);
            Receiver.OnAcked(control);
        }
    }

    private static void Drain(StreamSet set)
    {
        while (set.TryTakeEvent(out _)) { }
    }
}
