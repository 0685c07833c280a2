using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>
/// An application on one side that does random things, but reads and writes only where events told it to: a run that ends
/// with everything delivered shows that no event was forgotten.
/// </summary>
internal sealed class ModelSide(Random random, StreamSet streams, bool isClient, bool isGentle)
{
    private readonly List<ModelStream> _open = [];
    private readonly byte[] _buffer = new byte[5000];
    private bool _mayOpenBidirectional = true;
    private bool _mayOpenUnidirectional = true;

    public StreamSet Streams { get; } = streams;

    public Dictionary<long, ModelStream> All { get; } = [];

    public int Opened { get; private set; }

    public void Act(bool isFinishing)
    {
        TakeEvents();
        if (!isFinishing && random.Next(4) == 0) { Open(); }
        if (_open.Count == 0) { return; }
        var stream = _open[random.Next(_open.Count)];
        switch (random.Next(isGentle || isFinishing ? 20 : 24))
        {
            case < 9: Write(stream, random.Next(_buffer.Length), isFinishing || random.Next(8) == 0); break;
            case < 18: Read(stream); break;
            case < 20: Streams.SetPriority(stream.Id, (byte)random.Next(8), random.Next(2) == 0); break;
            case < 22 when stream.CanWriteMore || stream.FinWritten: Reset(stream); break;
            default: Stop(stream); break;
        }
    }

    public void FinishAll()
    {
        TakeEvents();
        foreach (var stream in _open.ToArray())
        {
            Write(stream, 0, fin: true);
            while (stream.WantsRead) { Read(stream); }
        }
        TakeEvents();
    }

    private void Open()
    {
        var bidirectional = random.Next(2) == 0;
        if (!(bidirectional ? _mayOpenBidirectional : _mayOpenUnidirectional)) { return; }
        if (!Streams.TryOpen(bidirectional, out var id))
        {
            if (bidirectional) { _mayOpenBidirectional = false; } else { _mayOpenUnidirectional = false; }
            return;
        }
        Opened++;
        var stream = Add(id);
        stream.CanWriteMore = true;
    }

    private ModelStream Add(long id)
    {
        var stream = new ModelStream(id);
        All.Add(id, stream);
        _open.Add(stream);
        return stream;
    }

    private void TakeEvents()
    {
        while (random.Next(8) == 0 && Streams.TryAccept(out var id)) { Accept(id); }
        while (Streams.TryTakeEvent(out var taken))
        {
            switch (taken.Kind)
            {
                case StreamEventKind.Opened: Accept(taken.Id); break;
                case StreamEventKind.Readable: All[taken.Id].CanReadMore = true; break;
                case StreamEventKind.Writable: All[taken.Id].CanWriteMore = true; break;
                case StreamEventKind.Reset: All[taken.Id].ResetSeen = true; break;
                case StreamEventKind.Stopped: All[taken.Id].Stopped = true; break;
                case StreamEventKind.SendFinished: All[taken.Id].SendFinished = true; break;
                case StreamEventKind.CanOpenBidirectional: _mayOpenBidirectional = true; break;
                case StreamEventKind.CanOpenUnidirectional: _mayOpenUnidirectional = true; break;
                case StreamEventKind.Closed:
                    All[taken.Id].Closed = true;
                    _open.Remove(All[taken.Id]);
                    break;
            }
        }
    }

    private void Accept(long id)
    {
        var stream = Add(id);
        stream.CanWriteMore = (id & 2) == 0;
    }

    private void Write(ModelStream stream, int count, bool fin)
    {
        if (!stream.WantsWrite) { return; }
        if (random.Next(3) == 0)
        {
            WriteInPlace(stream, count, fin);
            return;
        }

        var data = _buffer.AsSpan(0, count);
        Fill(stream, data);
        var result = Streams.Write(stream.Id, data, fin, out var written);
        stream.Written += written;
        if (result.Status is StreamWriteStatus.Ok) { stream.FinWritten = fin; }
        else
        {
            Assert.Contains(result.Status, new[] { StreamWriteStatus.Blocked, StreamWriteStatus.Stopped });
            stream.CanWriteMore = false;
        }
    }

    private void WriteInPlace(ModelStream stream, int count, bool fin)
    {
        var span = Streams.GetWriteSpan(stream.Id);
        if (span.IsEmpty && count > 0)
        {
            stream.CanWriteMore = false;
            return;
        }
        count = Math.Min(count, span.Length);
        Fill(stream, span[..count]);
        Streams.AdvanceWrite(stream.Id, count, fin);
        stream.Written += count;
        stream.FinWritten = fin;
    }

    private void Fill(ModelStream stream, Span<byte> data)
    {
        for (var i = 0; i < data.Length; i++) { data[i] = ModelStream.PatternAt(stream.Id, isClient, stream.Written + i); }
    }

    private void Read(ModelStream stream)
    {
        if (!stream.WantsRead) { return; }
        if (random.Next(3) == 0)
        {
            ReadInPlace(stream);
            return;
        }

        var destination = _buffer.AsSpan(0, random.Next(1, _buffer.Length));
        var result = Streams.Read(stream.Id, destination, out var read, out var fin);
        Check(stream, destination[..read]);
        stream.FinRead = fin;
        stream.ResetSeen |= result.Status is StreamReadStatus.Reset;
        if (result.Status is StreamReadStatus.Empty) { stream.CanReadMore = false; }
        Assert.NotEqual(StreamReadStatus.Unknown, result.Status);
        Assert.NotEqual(StreamReadStatus.Closed, result.Status);
    }

    private void ReadInPlace(ModelStream stream)
    {
        var span = Streams.PeekRead(stream.Id);
        if (span.Length > 1) { span = span[..random.Next(1, span.Length)]; }
        var count = span.Length;
        Check(stream, span);
        stream.FinRead = Streams.AdvanceRead(stream.Id, count);
        stream.CanReadMore = count > 0;
    }

    private void Check(ModelStream stream, ReadOnlySpan<byte> data)
    {
        for (var i = 0; i < data.Length; i++)
        {
            if (data[i] != ModelStream.PatternAt(stream.Id, !isClient, stream.Read + i))
            {
                Assert.Fail($"stream {stream.Id}: wrong byte at {stream.Read + i}");
            }
        }
        stream.Read += data.Length;
    }

    private void Reset(ModelStream stream)
    {
        if (stream.Stopped || stream.ResetSent || stream.SendFinished) { return; }
        Streams.Reset(stream.Id, 42);
        stream.ResetSent = true;
    }

    private void Stop(ModelStream stream)
    {
        var canReceive = (stream.Id & 2) == 0 || (stream.Id & 1) == (isClient ? 1 : 0);
        if (!canReceive || stream.FinRead || stream.ResetSeen) { return; }
        Streams.StopSending(stream.Id, 43);
        stream.StopSent = true;
    }
}
