using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Interop.Tests.Http3;

/// <summary>As much of an HTTP/3 server (RFC 9114) as foreign clients need: it answers any request with one resource.</summary>
internal sealed class Http3Server(QuicConnection connection, ReadOnlyMemory<byte> body)
{
    // RFC 9114 §6.2.1, §7.2.4: a control stream with empty SETTINGS, which allow the client no dynamic table.
    private static readonly byte[] ControlStream = [0x00, 0x04, 0x00];

    private readonly Dictionary<long, Response> _responses = [];
    private readonly byte[] _scratch = new byte[64 << 10];
    private bool _started;

    /// <summary>Responses written to the end.</summary>
    public int Served { get; private set; }

    /// <summary>Does what there is to do. Call it after each turn of the loop.</summary>
    public void Run()
    {
        if (!_started && connection.TryOpenStream(bidirectional: false, out var control))
        {
            connection.Write(control, ControlStream, fin: false, out _);
            _started = true;
        }
        while (connection.TryTakeStreamEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case StreamEventKind.Opened or StreamEventKind.Readable:
                    Read(happened.Id);
                    break;
                case StreamEventKind.Writable when _responses.TryGetValue(happened.Id, out var response):
                    Write(response);
                    break;
                case StreamEventKind.Closed or StreamEventKind.Stopped or StreamEventKind.Reset:
                    _responses.Remove(happened.Id);
                    break;
            }
        }
    }

    private void Read(long id)
    {
        var isRequest = (id & 0x2) == 0;
        while (connection.Read(id, _scratch, out _, out var fin).Status is StreamReadStatus.Ok)
        {
            if (!fin) { continue; }
            if (!isRequest || _responses.ContainsKey(id)) { return; }
            var response = new Response(id);
            _responses.Add(id, response);
            Write(response);
            return;
        }
    }

    private void Write(Response response)
    {
        if (response.Write(connection, body)) { Served++; }
    }

    private sealed class Response(long id)
    {
        private readonly byte[] _head = new byte[32];
        private int _headLength;
        private int _written;

        /// <summary>True when all is written.</summary>
        public bool Write(QuicConnection connection, ReadOnlyMemory<byte> body)
        {
            if (_headLength == 0)
            {
                _headLength = Http3Frames.WriteResponseHead(_head, body.Length);
                connection.Write(id, _head.AsSpan(0, _headLength), fin: body.IsEmpty, out var taken);
                Assert.Equal(_headLength, taken);
            }
            while (_written < body.Length)
            {
                var result = connection.Write(id, body.Span[_written..], fin: true, out var taken);
                _written += taken;
                if (result.Status is not StreamWriteStatus.Ok) { return false; }
            }
            return true;
        }
    }
}
