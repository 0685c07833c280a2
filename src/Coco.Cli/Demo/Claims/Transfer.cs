using System.Diagnostics;
using System.Security.Cryptography;
using Coco.Quic.Connections;

namespace Coco.Cli.Demo.Claims;

/// <summary>Bytes on their way over one stream. The receiver hashes what arrives and keeps nothing.</summary>
internal sealed class Transfer : IDisposable
{
    private readonly QuicConnection _from;
    private readonly QuicConnection _to;
    private readonly byte[] _data;
    private readonly long _stream;
    private readonly IncrementalHash _received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _sent;

    public Transfer(QuicConnection from, QuicConnection to, byte[] data)
    {
        (_from, _to, _data) = (from, to, data);
        if (!from.TryOpenStream(bidirectional: false, out _stream))
        {
            throw new DemoFailedException("a stream could not be opened");
        }
    }

    public long BytesReceived { get; private set; }

    public bool IsDone { get; private set; }

    /// <summary>From the first byte written to the last byte read and hashed.</summary>
    public TimeSpan Elapsed { get; private set; }

    public double GigabitsPerSecond => BytesReceived * 8 / Elapsed.TotalSeconds / 1e9;

    /// <summary>Writes what fits and reads what came; true when all has arrived.</summary>
    public bool Advance()
    {
        while (_sent < _data.Length)
        {
            _from.Write(_stream, _data.AsSpan(_sent), fin: true, out var written);
            _sent += written;
            if (_sent < _data.Length) { break; }
        }
        while (_from.TryTakeStreamEvent(out _)) { }
        while (_to.TryTakeStreamEvent(out _)) { }
        while (!IsDone)
        {
            var data = _to.PeekRead(_stream);
            _received.AppendData(data);
            BytesReceived += data.Length;
            IsDone = _to.AdvanceRead(_stream, data.Length);
            if (data.IsEmpty) { break; }
        }
        if (IsDone && Elapsed == default) { Elapsed = Stopwatch.GetElapsedTime(_start); }
        return IsDone;
    }

    /// <summary>The SHA-256 of what arrived. Call it once, at the end.</summary>
    public byte[] TakeHash() => _received.GetHashAndReset();

    public void Dispose() => _received.Dispose();
}
