namespace Coco.Benchmarks.Throughput;

/// <summary>One transfer: payload bytes, wall time and the processor seconds each end used.</summary>
internal sealed record ThroughputResult(long Bytes, double WallSeconds, double SenderCpuSeconds, double ReceiverCpuSeconds)
{
    public double Gbps => Bytes * 8 / WallSeconds / 1e9;

    /// <summary>Bits ÷ processor seconds of the busier end, in Gb/s: what one core a side carries, however busy the machine is.</summary>
    public double GoodputPerCore => Bytes * 8 / Math.Max(SenderCpuSeconds, ReceiverCpuSeconds) / 1e9;

    /// <summary>Processor seconds for each 10^9 bits of payload.</summary>
    public double SenderCpuPerGigabit => SenderCpuSeconds / (Bytes * 8 / 1e9);

    /// <summary>Processor seconds for each 10^9 bits of payload.</summary>
    public double ReceiverCpuPerGigabit => ReceiverCpuSeconds / (Bytes * 8 / 1e9);

    /// <summary>Reads "bytes=… wall=… cpu=…" as the ends of our own transfers print it.</summary>
    public static double Figure(string line, string name)
    {
        var word = line.Split(' ').First(word => word.StartsWith(name + "=", StringComparison.Ordinal));
        return double.Parse(word[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
