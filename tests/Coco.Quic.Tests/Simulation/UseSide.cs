using System.Buffers.Binary;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Simulation;

/// <summary>The application at one end of a <see cref="RandomUse"/>: it answers events, reads, writes, and keeps account.</summary>
internal sealed class UseSide(int side, QuicConnection connection, Random random, Dictionary<(long, int), UseStream> streams)
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly HashSet<long> _open = [];
    private readonly HashSet<long> _readable = [];
    private readonly HashSet<long> _datagramsSeen = [];
    private long _datagramsSent;

    public QuicConnection Connection => connection;

    public IReadOnlyCollection<long> Open => _open;

    public List<PathId> Validated { get; } = [];

    public bool IsIdle => _open.Count == 0;

    public bool IsClosed { get; private set; }

    public UseStream? Outgoing(long id) => streams.GetValueOrDefault((id, side));

    public UseStream? Incoming(long id) => streams.GetValueOrDefault((id, 1 - side));

    public bool TryOpen(bool bidirectional)
    {
        if (!connection.TryOpenStream(bidirectional, out var id)) { return false; }
        _open.Add(id);
        streams.Add((id, side), new(id, side) { Target = Amount() });
        if (bidirectional) { streams.Add((id, 1 - side), new(id, 1 - side)); }
        Write(id);
        return true;
    }

    public void Write(long id)
    {
        if (Outgoing(id) is not { IsSenderDone: false } stream) { return; }
        while (!stream.IsFinWritten)
        {
            var data = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, stream.Target - stream.Written));
            stream.Fill(data, stream.Written);
            var isLast = stream.Written + data.Length == stream.Target;
            if (data.IsEmpty && !stream.WantsFin) { return; }
            var result = connection.Write(id, data, stream.WantsFin && isLast, out var written);
            stream.Written += written;
            if (result.Status == StreamWriteStatus.Stopped) { stream.ResetCode ??= result.Code; return; }
            if (result.Status != StreamWriteStatus.Ok) { stream.IsBlocked = true; return; }
            stream.IsBlocked = false;
            stream.IsFinWritten = stream.WantsFin && isLast;
        }
    }

    public void Extend(long id)
    {
        if (Outgoing(id) is not { WantsFin: false } stream) { return; }
        stream.Target += Amount();
        Write(id);
    }

    public void Finish(long id)
    {
        if (Outgoing(id) is not { } stream) { return; }
        stream.WantsFin = true;
        Write(id);
    }

    public void Reset(long id)
    {
        if (Outgoing(id) is not { } stream || stream.ResetCode is not null) { return; }
        stream.ResetCode = (ulong)random.Next(1000);
        connection.ResetStream(id, stream.ResetCode.Value);
    }

    public void Stop(long id)
    {
        if (Incoming(id) is not { SawFin: false, SawReset: null } stream || stream.StopCode is not null) { return; }
        stream.StopCode = (ulong)random.Next(1000);
        connection.StopSending(id, stream.StopCode.Value);
        _readable.Remove(id);
    }

    public void SendDatagram()
    {
        var length = Math.Min(connection.MaxDatagramLength, 8 + random.Next(1500));
        if (length < 8) { return; }
        var data = _buffer.AsSpan(0, length);
        data.Fill((byte)_datagramsSent);
        BinaryPrimitives.WriteInt64LittleEndian(data, _datagramsSent);
        if (connection.TrySendDatagram(data, (ulong)random.Next(2) * (ulong)(_datagramsSent + 1))) { _datagramsSent++; }
    }

    /// <summary>Takes what happened and does what is due. Reading is put off now and then, so that windows fill.</summary>
    public void Pump(bool eager)
    {
        while (connection.TryTakeEvent(out var happened)) { On(happened); }
        while (connection.TryTakeStreamEvent(out var happened)) { On(happened); }
        if (_readable.Count == 0) { return; }
        foreach (var id in _readable.ToArray())
        {
            if (eager || random.Next(4) != 0) { Read(id); }
        }
    }

    private int Amount() => random.Next(4) switch { 0 => 0, 1 => random.Next(100), 2 => random.Next(3000), _ => random.Next(20_000) };

    private void On(in ConnectionEvent happened)
    {
        switch (happened.Kind)
        {
            case ConnectionEventKind.PathValidated:
                if (!Validated.Contains(happened.Path)) { Validated.Add(happened.Path); }
                break;
            case ConnectionEventKind.PathFailed:
                Validated.Remove(happened.Path);
                break;
            case ConnectionEventKind.Closed:
                IsClosed = true;
                break;
            case ConnectionEventKind.DatagramReceived:
                ReadDatagrams();
                break;
        }
    }

    private void ReadDatagrams()
    {
        while (connection.TryReceiveDatagram(_buffer, out var length))
        {
            var number = BinaryPrimitives.ReadInt64LittleEndian(_buffer);
            if (!_datagramsSeen.Add(number)) { throw new InvalidOperationException($"datagram {number} came twice"); }
            if (_buffer.AsSpan(8, length - 8).ContainsAnyExcept((byte)number)) { throw new InvalidOperationException($"datagram {number} is spoilt"); }
        }
    }

    private void On(in StreamEvent happened)
    {
        var id = happened.Id;
        switch (happened.Kind)
        {
            case StreamEventKind.Opened:
                _open.Add(id);
                if ((id & 2) == 0) { Outgoing(id)!.Target = Amount(); }
                Write(id);
                break;
            case StreamEventKind.Readable:
                _readable.Add(id);
                break;
            case StreamEventKind.Writable:
                Write(id);
                break;
            case StreamEventKind.Reset:
                Incoming(id)!.SawReset ??= happened.Code;
                _readable.Remove(id);
                break;
            case StreamEventKind.Stopped:
                // RFC 9000 §3.5: a stream stopped by the peer is reset with the peer's code.
                Outgoing(id)!.ResetCode ??= happened.Code;
                break;
            case StreamEventKind.Closed:
                _open.Remove(id);
                _readable.Remove(id);
                break;
        }
    }

    private void Read(long id)
    {
        if (Incoming(id) is not { } stream) { return; }
        while (true)
        {
            var result = connection.Read(id, _buffer, out var read, out var fin);
            switch (result.Status)
            {
                case StreamReadStatus.Ok:
                    stream.Check(_buffer.AsSpan(0, read));
                    if (stream.SawFin) { throw new InvalidOperationException($"stream {id} ended twice"); }
                    stream.SawFin = fin;
                    if (!fin) { continue; }
                    break;
                case StreamReadStatus.Reset:
                    stream.SawReset ??= result.Code;
                    break;
            }
            _readable.Remove(id);
            return;
        }
    }
}
