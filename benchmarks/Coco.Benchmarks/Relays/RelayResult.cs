namespace Coco.Benchmarks.Relays;

/// <summary>What a relay carried: payload bytes that arrived, in which time, and the processor seconds it used for them.</summary>
internal sealed record RelayResult(double Bytes, double WallSeconds, double CpuSeconds)
{
    public double Gbps => Bytes * 8 / WallSeconds / 1e9;

    /// <summary>Payload that one core of the relay carries, in Gb/s.</summary>
    public double GbpsPerCore => Bytes * 8 / CpuSeconds / 1e9;
}
