namespace Coco.Benchmarks.Messaging;

/// <summary>One run of one system.</summary>
/// <param name="PerSecond">Messages that subscribers got, all together, from the first that was published to the last that came.</param>
/// <param name="CpuMicroseconds">Processor time of both ends and the server for each of them.</param>
/// <param name="P50">One-way latency at the paced rate, in microseconds.</param>
/// <param name="P99">Likewise.</param>
/// <param name="Lost">Messages that never came, of both parts.</param>
/// <param name="Twice">Messages that came again.</param>
internal sealed record MessagingFigures(double PerSecond, double CpuMicroseconds, double P50, double P99, double Lost, double Twice);
