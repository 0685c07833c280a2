namespace Coco.Quic.Qlog;

/// <summary>The recovery metrics an event last told; times are ticks of 100 ns.</summary>
internal readonly record struct QlogMetrics(
    long MinRtt, long SmoothedRtt, long LatestRtt, long RttVariance, int PtoCount,
    long CongestionWindow, long BytesInFlight, long SlowStartThreshold);
