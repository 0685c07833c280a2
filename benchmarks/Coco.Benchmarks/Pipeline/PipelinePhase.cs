namespace Coco.Benchmarks.Pipeline;

/// <summary>What a packet is part of: code is compiled while warming up, and both ends measure the same packets.</summary>
internal enum PipelinePhase : byte
{
    WarmUp,
    Measured,
    End,
}
