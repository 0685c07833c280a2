namespace Coco.ControlPlane.Relaying;

/// <summary>What a network used in one month.</summary>
/// <param name="Relayed">Bytes relayed for its nodes as senders, and for strangers that sent to them.</param>
/// <param name="Control">Bytes of its nodes' control connections.</param>
/// <param name="Allowance">What it may use.</param>
internal sealed record NetworkUsage(long Relayed, long Control, long Allowance);
