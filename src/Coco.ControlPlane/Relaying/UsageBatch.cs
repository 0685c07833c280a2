using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Relaying;

/// <summary>What is to be written in one transaction, once.</summary>
/// <param name="Run">One run of one instance.</param>
/// <param name="Number">Grows within the run.</param>
/// <param name="Month">To which month it is counted.</param>
/// <param name="Usage">What was used, each client and network once.</param>
internal sealed record UsageBatch(string Run, long Number, string Month, IReadOnlyList<RelayUsage> Usage);
