using System.Runtime.InteropServices;

namespace Coco.Lab.Simulated;

/// <summary>What happened to every packet: a hash of it all, which two runs of one seed share, counts, and whoever wants to look.</summary>
internal sealed class SimulatedTrace
{
    private readonly long[] _counts = new long[Enum.GetValues<TraceVerb>().Length];

    /// <summary>Equal for equal runs, on every machine.</summary>
    public ulong Hash { get; private set; } = 14_695_981_039_346_656_037;

    /// <summary>Sees everything as it happens.</summary>
    public Action<TimeSpan, TraceVerb, SimulatedPacket>? Observer { get; set; }

    public long Count(TraceVerb verb) => _counts[(int)verb];

    public void Record(TimeSpan now, TraceVerb verb, SimulatedPacket packet)
    {
        _counts[(int)verb]++;
        Mix((ulong)now.Ticks);
        Mix(((ulong)verb << 32) | (uint)packet.Payload.Length);
        Span<byte> addresses = stackalloc byte[40];
        addresses.Clear();
        packet.Source.Write(addresses);
        packet.Destination.Write(addresses[20..]);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(addresses)) { Mix(word); }
        var payload = packet.Payload.AsSpan();
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(payload)) { Mix(word); }
        foreach (var rest in payload[(payload.Length & ~7)..]) { Mix(rest); }
        Observer?.Invoke(now, verb, packet);
    }

    // FNV-1a with words for bytes, and a shift so that high bits come down again. It need not resist anybody.
    private void Mix(ulong word)
    {
        Hash = (Hash ^ word) * 1_099_511_628_211;
        Hash ^= Hash >> 32;
    }
}
