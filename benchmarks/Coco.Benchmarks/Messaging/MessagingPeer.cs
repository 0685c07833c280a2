namespace Coco.Benchmarks.Messaging;

/// <summary>A system that is measured.</summary>
/// <param name="Name">What it is called in figures.</param>
/// <param name="System">What the ends know it by.</param>
/// <param name="Server">Starts its server; null where there is none.</param>
/// <param name="ReasonMissing">Why it cannot run here, or null.</param>
internal sealed record MessagingPeer(string Name, string System, Func<MessagingServer>? Server, string? ReasonMissing);
