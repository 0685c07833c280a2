using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A stream that one side fills with the pattern as fast as it is taken.</summary>
internal sealed class StreamTransfer(QuicConnection connection, long id, long length)
{
    private readonly byte[] _chunk = new byte[16_384];

    public long Written { get; private set; }

    public bool IsWritten { get; private set; }

    public void Pump()
    {
        while (!IsWritten)
        {
            var chunk = _chunk.AsSpan(0, (int)Math.Min(_chunk.Length, length - Written));
            StreamPattern.Fill(chunk, Written);
            var isLast = Written + chunk.Length == length;
            var result = connection.Write(id, chunk, isLast, out var written);
            Written += written;
            IsWritten = isLast && result.Status == StreamWriteStatus.Ok;
            if (result.Status != StreamWriteStatus.Ok) { return; }
        }
    }
}
