using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Interop.Tests.Quiche;

/// <summary>Sends the same bytes on many streams and checks that they come back on each.</summary>
internal sealed class EchoClient(QuicConnection connection, byte[] bytes, int streams)
{
    private readonly Dictionary<long, (int Sent, int Received)> _open = [];
    private readonly byte[] _scratch = new byte[64 << 10];
    private int _opened;

    /// <summary>Streams that echoed everything and ended.</summary>
    public int Echoed { get; private set; }

    /// <summary>Does what there is to do. Call it after each turn of the loop.</summary>
    public void Run()
    {
        if (connection.State != ConnectionState.Connected) { return; }
        while (_opened < streams && connection.TryOpenStream(bidirectional: true, out var id))
        {
            _opened++;
            _open.Add(id, default);
            Send(id);
        }
        while (connection.TryTakeStreamEvent(out var happened))
        {
            if (happened.Kind is StreamEventKind.Writable) { Send(happened.Id); }
            if (happened.Kind is StreamEventKind.Readable) { Receive(happened.Id); }
        }
    }

    private void Send(long id)
    {
        if (!_open.TryGetValue(id, out var progress)) { return; }
        connection.Write(id, bytes.AsSpan(progress.Sent), fin: true, out var taken);
        _open[id] = progress with { Sent = progress.Sent + taken };
    }

    private void Receive(long id)
    {
        while (_open.TryGetValue(id, out var progress) && connection.Read(id, _scratch, out var read, out var fin).Status is StreamReadStatus.Ok)
        {
            Assert.True(bytes.AsSpan(progress.Received).StartsWith(_scratch.AsSpan(0, read)), $"stream {id} differs after {progress.Received} bytes");
            _open[id] = progress with { Received = progress.Received + read };
            if (!fin) { continue; }
            Assert.Equal(bytes.Length, progress.Received + read);
            _open.Remove(id);
            Echoed++;
        }
    }
}
