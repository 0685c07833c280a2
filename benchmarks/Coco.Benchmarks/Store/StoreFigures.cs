namespace Coco.Benchmarks.Store;

/// <summary>What one round of one peer came to; null where the peer does not do that.</summary>
/// <param name="EntriesPerSecond">Entries that were durable and replicated.</param>
/// <param name="CatchUpSeconds">From the start of the process of who was away to the last entry.</param>
/// <param name="CatchUpFromReadySeconds">The same from when that was ready.</param>
/// <param name="MegabytesPerSecond">Of a large file.</param>
internal sealed record StoreFigures(double? EntriesPerSecond, double? CatchUpSeconds, double? CatchUpFromReadySeconds, double? MegabytesPerSecond);
