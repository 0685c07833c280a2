using System.Diagnostics.Metrics;

namespace Coco.Benchmarks.Mesh;

/// <summary>Counts what all endpoints of the process hand to their sockets. A batch counts as one packet: small packets go one by one.</summary>
internal sealed class SentMeter : IDisposable
{
    private readonly MeterListener _listener;
    private long _bytes;
    private long _packets;

    public SentMeter()
    {
        _listener = new()
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Coco.Transport", Name: "coco.transport.sent" }) { listener.EnableMeasurementEvents(instrument); }
            },
        };
        _listener.SetMeasurementEventCallback<long>((_, bytes, _, _) =>
        {
            Interlocked.Add(ref _bytes, bytes);
            Interlocked.Increment(ref _packets);
        });
        _listener.Start();
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Packets => Interlocked.Read(ref _packets);

    public void Dispose() => _listener.Dispose();
}
