namespace Coco.Cli.Daemon;

/// <summary>What the parts of the daemon share.</summary>
/// <param name="Places">Where things are.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Apps">Who else may ask.</param>
/// <param name="Time">The clock.</param>
/// <param name="StartedAt">Since when.</param>
/// <param name="Down">Cancelled when somebody asked for the end.</param>
internal sealed record DaemonCore(Places Places, HeldNodes Nodes, AppTokens Apps, TimeProvider Time, DateTimeOffset StartedAt, CancellationTokenSource Down);
