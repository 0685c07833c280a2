using System.Diagnostics;

namespace Coco.Benchmarks.Messaging;

/// <summary>Publishes many messages with each call of the system's, at most <see cref="Window"/> of them without acknowledgement.</summary>
internal sealed class RawPublisher : IMessagePublisher
{
    /// <summary>Messages on their way in systems that acknowledge, Coco too.</summary>
    public const int Window = 4096;

    private const int BatchCount = 256;

    private readonly RawConnection _connection;
    private readonly IRawProtocol _protocol;
    private readonly byte[] _batch;
    private readonly int _frameLength, _payloadAt;
    private readonly Thread _reader;
    private readonly Lock _sending = new(); // guards the connection's sending side: the reader may have to answer
    private long _sent;
    private long _acknowledged;

    public RawPublisher(IRawProtocol protocol, int port, int number)
    {
        _protocol = protocol;
        var name = $"publisher{number}";
        _connection = protocol.Connect(port, name);
        var frame = protocol.Frame(Payload.Create(number), name, out _payloadAt);
        _frameLength = frame.Length;
        _batch = [.. Enumerable.Repeat(frame, BatchCount).SelectMany(static bytes => bytes)];
        _reader = new(Read) { IsBackground = true, Name = "acknowledgements" };
        _reader.Start();
    }

    public long Flood(TimeSpan duration)
    {
        var (start, first) = (Stopwatch.GetTimestamp(), _sent);
        while (Stopwatch.GetElapsedTime(start) < duration) { SendBatch(Room(), isMeasured: false); }
        return _sent - first;
    }

    public void Publish()
    {
        Room();
        SendBatch(1, isMeasured: true);
    }

    public void Finish()
    {
        if (!_protocol.IsAcknowledged) { return; }
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _acknowledged) < _sent && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10)) { Thread.Sleep(1); }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _reader.Join();
    }

    private int Room()
    {
        if (!_protocol.IsAcknowledged) { return BatchCount; }
        long room;
        while ((room = Window - (_sent - Volatile.Read(ref _acknowledged))) <= 0) { Thread.Sleep(0); }
        return (int)Math.Min(BatchCount, room);
    }

    private void SendBatch(int count, bool isMeasured)
    {
        for (var i = 0; i < count; i++)
        {
            var frame = _batch.AsSpan(i * _frameLength, _frameLength);
            _protocol.Number(frame, _sent);
            Payload.SetSequence(frame[_payloadAt..], _sent++);
            Payload.SetTime(frame[_payloadAt..], isMeasured);
        }
        lock (_sending) { _connection.Send(_batch.AsSpan(0, count * _frameLength)); }
    }

    private void Read()
    {
        var answers = new List<byte>();
        do
        {
            while (_protocol.Read(_connection.Received, out _, out var isAcknowledgement, answers) is > 0 and var length)
            {
                _connection.Take(length);
                if (isAcknowledgement) { Volatile.Write(ref _acknowledged, _acknowledged + 1); }
            }
            if (answers.Count == 0) { continue; }
            lock (_sending) { _connection.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(answers)); }
            answers.Clear();
        }
        while (_connection.Receive());
    }
}
