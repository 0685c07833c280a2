namespace Coco.Benchmarks.Tunnels;

/// <summary>What one peer did in one round: so much work in so much time, and the processor seconds of its own programs.</summary>
internal sealed record TunnelFigures(double Work, double WallSeconds, double LeftCpuSeconds, double RightCpuSeconds)
{
    public double PerSecond => Work / WallSeconds;

    /// <summary>Work ÷ processor seconds of the busier end: what one core a side carries. Null where no program carries anything, or too little was used to tell.</summary>
    public double? PerCoreSecond => Math.Max(LeftCpuSeconds, RightCpuSeconds) is > 0.02 and var busier ? Work / busier : null;
}
