using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Tests.Fuzzing;

namespace Coco.Quic.Tests.Frames;

/// <summary>What is written is read back, for numbers of every length, and takes exactly the size foretold.</summary>
public sealed class FrameRoundTripTests
{
    private const int Rounds = 2000;

    private readonly FuzzRandom _random = new(19);
    private readonly byte[] _buffer = new byte[2000];

    [Fact]
    public void Stream_control_frames() => Repeat(() =>
    {
        ulong id = _random.NextVarInt(), error = _random.NextVarInt(), size = _random.NextVarInt();

        var frame = Read(FrameWriter.WriteResetStream(_buffer, id, error, size), FrameSize.ResetStream(id, error, size));
        Assert.True(frame.Type == FrameType.ResetStream && frame.StreamId == id && frame.ErrorCode == error && frame.FinalSize == size);
        frame = Read(FrameWriter.WriteStopSending(_buffer, id, error), FrameSize.StopSending(id, error));
        Assert.True(frame.Type == FrameType.StopSending && frame.StreamId == id && frame.ErrorCode == error);
        frame = Read(FrameWriter.WriteMaxStreamData(_buffer, id, size), FrameSize.StreamMaximum(id, size));
        Assert.True(frame.Type == FrameType.MaxStreamData && frame.StreamId == id && frame.Maximum == size);
        frame = Read(FrameWriter.WriteStreamDataBlocked(_buffer, id, size), FrameSize.StreamMaximum(id, size));
        Assert.True(frame.Type == FrameType.StreamDataBlocked && frame.StreamId == id && frame.Maximum == size);
    });

    [Fact]
    public void Connection_limits() => Repeat(() =>
    {
        ulong maximum = _random.NextVarInt(), streams = maximum >> 2;
        var bidirectional = _random.Chance(2);

        var frame = Read(FrameWriter.WriteMaxData(_buffer, maximum), FrameSize.Maximum(maximum));
        Assert.True(frame.Type == FrameType.MaxData && frame.Maximum == maximum);
        frame = Read(FrameWriter.WriteDataBlocked(_buffer, maximum), FrameSize.Maximum(maximum));
        Assert.True(frame.Type == FrameType.DataBlocked && frame.Maximum == maximum);
        frame = Read(FrameWriter.WriteMaxStreams(_buffer, bidirectional, streams), FrameSize.Maximum(streams));
        Assert.True(frame.Type == (bidirectional ? FrameType.MaxStreamsBidi : FrameType.MaxStreamsUni) && frame.Maximum == streams);
        frame = Read(FrameWriter.WriteStreamsBlocked(_buffer, bidirectional, streams), FrameSize.Maximum(streams));
        Assert.True(frame.Type == (bidirectional ? FrameType.StreamsBlockedBidi : FrameType.StreamsBlockedUni) && frame.Maximum == streams);
    });

    [Fact]
    public void Connection_ids_paths_and_tokens() => Repeat(() =>
    {
        ulong sequence = _random.NextVarInt(), retire = sequence >> 1, data = _random.Next64();
        var id = ConnectionId.Generate(_random.Source, _random.Next(1, 20));
        var resetBytes = _random.Bytes(16);
        var token = _random.Bytes(_random.Next(1, 300));

        var frame = Read(
            FrameWriter.WriteNewConnectionId(_buffer, sequence, retire, id, new(resetBytes)),
            FrameSize.NewConnectionId(sequence, retire, id));
        Assert.True(frame.Sequence == sequence && frame.RetirePriorTo == retire && frame.ConnectionId == id);
        Assert.True(frame.ResetToken.Matches(resetBytes));
        frame = Read(FrameWriter.WriteRetireConnectionId(_buffer, sequence), FrameSize.RetireConnectionId(sequence));
        Assert.True(frame.Type == FrameType.RetireConnectionId && frame.Sequence == sequence);
        frame = Read(FrameWriter.WritePathChallenge(_buffer, data), FrameSize.Path);
        Assert.True(frame.Type == FrameType.PathChallenge && frame.PathData == data);
        frame = Read(FrameWriter.WritePathResponse(_buffer, data), FrameSize.Path);
        Assert.True(frame.Type == FrameType.PathResponse && frame.PathData == data);
        frame = Read(FrameWriter.WriteNewToken(_buffer, token), FrameSize.NewToken(token.Length));
        Assert.True(frame.Type == FrameType.NewToken && frame.Data.SequenceEqual(token));
    });

    [Fact]
    public void Closes_ack_frequency_and_bare_types() => Repeat(() =>
    {
        ulong a = _random.NextVarInt(), b = _random.NextVarInt(), c = _random.NextVarInt(), d = _random.NextVarInt();
        var reason = _random.Bytes(_random.Next(300));

        var frame = Read(
            FrameWriter.WriteConnectionClose(_buffer, a, (FrameType)b, reason),
            FrameSize.ConnectionClose(a, (FrameType)b, reason.Length));
        Assert.True(frame.ErrorCode == a && frame.OffendingType == (FrameType)b && frame.Reason.SequenceEqual(reason));
        frame = Read(FrameWriter.WriteApplicationClose(_buffer, a, reason), FrameSize.ApplicationClose(a, reason.Length));
        Assert.True(frame.Type == FrameType.ApplicationClose && frame.ErrorCode == a && frame.Reason.SequenceEqual(reason));
        frame = Read(FrameWriter.WriteAckFrequency(_buffer, a, b, c, d), FrameSize.AckFrequency(a, b, c, d));
        Assert.True(frame.Type == FrameType.AckFrequency && frame.Sequence == a && frame.AckElicitingThreshold == b);
        Assert.True(frame.RequestedMaxAckDelay == c && frame.ReorderingThreshold == d);
        Assert.Equal(FrameType.Ping, Read(FrameWriter.WritePing(_buffer), FrameSize.TypeOnly).Type);
        Assert.Equal(FrameType.HandshakeDone, Read(FrameWriter.WriteHandshakeDone(_buffer), FrameSize.TypeOnly).Type);
        Assert.Equal(FrameType.ImmediateAck, Read(FrameWriter.WriteImmediateAck(_buffer), FrameSize.TypeOnly).Type);
    });

    [Fact]
    public void Stream_frames_take_what_fits_and_fill_the_packet() => Repeat(() =>
    {
        var room = _random.Next(200);
        var available = _random.Next(300);
        var fin = available == 0 || _random.Chance(2);
        ulong id = _random.NextVarInt(), offset = _random.Chance(3) ? 0 : _random.NextVarInt() >> 1;

        if (!FrameWriter.TryWriteStreamHeader(_buffer.AsSpan(0, room), id, offset, available, fin, out var header, out var data))
        {
            Assert.True(FrameSize.Stream(id, offset, Math.Min(available, 1)) > room);
            return;
        }
        var bytes = _random.Bytes(data);
        bytes.CopyTo(_buffer, header);
        var frame = Read(header + data);

        Assert.InRange(header + data, 1, room);
        Assert.True(data == available || header + data >= room - 1, "room was left over");
        Assert.True(frame.Type == FrameType.Stream && frame.StreamId == id && frame.Offset == offset);
        Assert.True(frame.Data.SequenceEqual(bytes));
        Assert.Equal(fin && data == available, frame.Fin);
    });

    [Fact]
    public void Crypto_frames_take_what_fits() => Repeat(() =>
    {
        var room = _random.Next(200);
        var available = _random.Next(1, 300);
        var offset = _random.NextVarInt() >> 1;

        if (!FrameWriter.TryWriteCryptoHeader(_buffer.AsSpan(0, room), offset, available, out var header, out var data))
        {
            Assert.True(FrameSize.Crypto(offset, 1) > room);
            return;
        }
        var frame = Read(header + data, FrameSize.Crypto(offset, data));
        Assert.InRange(header + data, 1, room);
        Assert.True(data == available || header + data >= room - 1, "room was left over");
        Assert.True(frame.Type == FrameType.Crypto && frame.Offset == offset && frame.Data.Length == data);
    });

    [Fact] // RFC 9221 §4
    public void Datagrams_fit_whole_or_not_at_all() => Repeat(() =>
    {
        var room = _random.Next(120);
        var data = _random.Bytes(_random.Next(120));
        if (!FrameWriter.TryWriteDatagram(_buffer.AsSpan(0, room), data, out var length))
        {
            Assert.True(FrameSize.Datagram(data.Length) > room && 1 + data.Length != room);
            return;
        }
        var frame = Read(length);
        Assert.True(frame.Type is FrameType.Datagram or FrameType.DatagramWithLength && frame.Data.SequenceEqual(data));
    });

    [Fact]
    public void Acks_report_the_highest_ranges_that_fit() => Repeat(() =>
    {
        var ranges = Ranges(_random.Next(1, 100));
        var room = _random.Next(400);
        var delay = _random.NextVarInt();
        EcnCounts? ecn = _random.Chance(2) ? new(_random.NextVarInt(), _random.NextVarInt(), _random.NextVarInt()) : null;

        var length = FrameWriter.WriteAck(_buffer.AsSpan(0, room), ranges, delay, ecn);
        if (length == 0)
        {
            Assert.InRange(room, 0, 6 * 8);
            return;
        }
        var frame = Read(length);

        Assert.True(length <= room);
        Assert.True(frame.LargestAcknowledged == ranges[0].Largest && frame.AckDelay == delay);
        if (ecn is not null) { Assert.Equal(ecn, frame.Ecn); }
        var acked = frame.AckRanges;
        var count = 0;
        while (acked.TryRead(out var range)) { Assert.Equal(ranges[count++], range); }
        Assert.False(acked.IsMalformed);
        Assert.Equal(frame.AckRangeCount + 1, (ulong)count);
        Assert.True(count == ranges.Length || length > room - 18, "another range would have fitted");
    });

    private PacketNumberRange[] Ranges(int count)
    {
        var ranges = new List<PacketNumberRange>();
        for (var next = _random.NextVarInt(); ranges.Count < count;)
        {
            var smallest = next - Math.Min(next, _random.NextVarInt() >> 40);
            ranges.Add(new(smallest, next));
            var gap = 2 + (_random.NextVarInt() >> 40);
            if (gap > smallest) { break; }
            next = smallest - gap;
        }
        return [.. ranges];
    }

    private static void Repeat(Action round)
    {
        for (var i = 0; i < Rounds; i++) { round(); }
    }

    private Frame Read(int length, int? expectedSize = null)
    {
        Assert.Equal(expectedSize ?? length, length);
        var reader = new FrameReader(_buffer.AsSpan(0, length), EncryptionLevel.OneRtt, isFromServer: true);
        Assert.True(reader.TryRead(out var frame), reader.ErrorReason);
        Assert.Equal(length, reader.Position);
        return frame;
    }
}
