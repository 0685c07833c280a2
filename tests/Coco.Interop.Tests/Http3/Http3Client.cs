using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Interop.Tests.Http3;

/// <summary>As much of an HTTP/3 client (RFC 9114) as foreign servers need.</summary>
internal sealed class Http3Client(QuicConnection connection) : IDisposable
{
    private static readonly byte[] ControlStream = [0x00, 0x04, 0x00]; // empty SETTINGS: no dynamic table

    private readonly Dictionary<long, Http3Response> _responses = [];
    private readonly Queue<(string Path, Http3Response Response)> _waiting = new();
    private readonly byte[] _scratch = new byte[64 << 10];
    private bool _started;

    /// <summary>Asks for a path, as soon as the server allows one more stream.</summary>
    public Http3Response Get(string path)
    {
        var response = new Http3Response();
        _waiting.Enqueue((path, response));
        return response;
    }

    /// <summary>Does what there is to do. Call it after each turn of the loop, once connected.</summary>
    public void Run()
    {
        if (connection.State != ConnectionState.Connected) { return; }
        if (!_started && connection.TryOpenStream(bidirectional: false, out var control))
        {
            connection.Write(control, ControlStream, fin: false, out _);
            _started = true;
        }
        while (_waiting.Count > 0 && connection.TryOpenStream(bidirectional: true, out var id))
        {
            var (path, response) = _waiting.Dequeue();
            _responses.Add(id, response);
            connection.Write(id, Http3Frames.Request(path), fin: true, out _);
        }
        while (connection.TryTakeStreamEvent(out var happened))
        {
            if (happened.Kind is StreamEventKind.Opened or StreamEventKind.Readable) { Read(happened.Id); }
        }
    }

    public void Dispose()
    {
        foreach (var response in _responses.Values) { response.Dispose(); }
        foreach (var (_, response) in _waiting) { response.Dispose(); }
    }

    private void Read(long id)
    {
        while (connection.Read(id, _scratch, out var read, out var fin).Status is StreamReadStatus.Ok)
        {
            if (_responses.TryGetValue(id, out var response)) { response.Append(_scratch.AsSpan(0, read), fin); }
            if (fin) { return; }
        }
    }
}
