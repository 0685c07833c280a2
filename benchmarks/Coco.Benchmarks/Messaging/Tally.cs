using System.Diagnostics;

namespace Coco.Benchmarks.Messaging;

/// <summary>What one subscriber has got. Written by its own thread or loop alone; readers look once it says that it has all, or has been silent.</summary>
internal sealed class Tally
{
    private readonly long[] _next = new long[256];
    private long[] _latencies = new long[1024];
    private int _measured;
    private long _count;

    /// <summary>Messages that came, without those that came twice.</summary>
    public long Count => Volatile.Read(ref _count);

    public long Duplicates { get; private set; }

    /// <summary>When the last came.</summary>
    public long Last { get; private set; }

    public ReadOnlySpan<long> Latencies => _latencies.AsSpan(0, _measured);

    public void Add(ReadOnlySpan<byte> payload)
    {
        var (publisher, sequence) = (Payload.Publisher(payload), Payload.Sequence(payload));
        if (sequence < _next[publisher])
        {
            Duplicates++;
            return;
        }
        _next[publisher] = sequence + 1;
        if (Payload.Time(payload) is not 0 and var sent)
        {
            if (_measured == _latencies.Length) { Array.Resize(ref _latencies, _measured * 2); }
            _latencies[_measured++] = Stopwatch.GetTimestamp() - sent;
        }
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Once for as many messages as came together: the clock costs as much as a message.</summary>
    public void Stamp() => Last = Stopwatch.GetTimestamp();

    /// <summary>Begins anew, between two runs. Sequences go on.</summary>
    public void Clear() => (_count, _measured, Duplicates, Last) = (0, 0, 0, 0);
}
