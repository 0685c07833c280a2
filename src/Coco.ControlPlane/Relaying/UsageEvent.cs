namespace Coco.ControlPlane.Relaying;

/// <summary>A network has used so many percent of its month's allowance: 80 or 100.</summary>
internal sealed record UsageEvent(string Id, string Network, string Month, long Percent, long Used, long Allowance, DateTimeOffset At);
