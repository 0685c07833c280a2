using System.Runtime.InteropServices;

namespace Coco.Benchmarks.Messaging;

/// <summary>One connection that subscribes, with a thread that reads it.</summary>
internal sealed class RawSubscriber : IDisposable
{
    private readonly RawConnection _connection;
    private readonly IRawProtocol _protocol;
    private readonly Tally _tally;
    private readonly Thread _reader;

    public RawSubscriber(IRawProtocol protocol, int port, int number, Tally tally)
    {
        (_protocol, _tally) = (protocol, tally);
        _connection = protocol.Connect(port, $"subscriber{number}");
        protocol.Subscribe(_connection, number);
        _reader = new(Read) { IsBackground = true, Name = "subscriber" };
        _reader.Start();
    }

    public void Dispose()
    {
        _connection.Dispose();
        _reader.Join();
    }

    private void Read()
    {
        var answers = new List<byte>();
        do
        {
            while (_protocol.Read(_connection.Received, out var payload, out _, answers) is > 0 and var length)
            {
                if (!payload.IsEmpty) { _tally.Add(payload); }
                _connection.Take(length);
            }
            _tally.Stamp();
            if (answers.Count == 0) { continue; }
            _connection.Send(CollectionsMarshal.AsSpan(answers));
            answers.Clear();
        }
        while (_connection.Receive());
    }
}
