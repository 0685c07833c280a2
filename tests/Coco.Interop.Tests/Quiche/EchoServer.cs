using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Interop.Tests.Quiche;

/// <summary>Sends back what comes on each stream.</summary>
internal sealed class EchoServer(QuicConnection connection)
{
    private readonly Dictionary<long, (byte[] Bytes, bool Fin)> _unsent = []; // read, and not yet taken by the send buffer
    private readonly byte[] _scratch = new byte[64 << 10];

    /// <summary>Does what there is to do. Call it after each turn of the loop.</summary>
    public void Run()
    {
        while (connection.TryTakeStreamEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case StreamEventKind.Opened or StreamEventKind.Readable or StreamEventKind.Writable:
                    Echo(happened.Id);
                    break;
                case StreamEventKind.Closed:
                    _unsent.Remove(happened.Id);
                    break;
            }
        }
    }

    private void Echo(long id)
    {
        if (_unsent.Remove(id, out var rest) && !TryWrite(id, rest.Bytes, rest.Fin)) { return; }
        while (connection.Read(id, _scratch, out var read, out var fin).Status is StreamReadStatus.Ok)
        {
            if (!TryWrite(id, _scratch.AsSpan(0, read), fin) || fin) { return; }
        }
    }

    private bool TryWrite(long id, ReadOnlySpan<byte> bytes, bool fin)
    {
        if (connection.Write(id, bytes, fin, out var taken).Status is not StreamWriteStatus.Blocked) { return true; }
        _unsent[id] = (bytes[taken..].ToArray(), fin);
        return false;
    }
}
