namespace Coco.ControlPlane.Client.Contracts.Usage;

/// <summary>A network reached a share of its month's allowance.</summary>
/// <param name="Percent">80 or 100.</param>
/// <param name="UsedBytes">What it had used then.</param>
/// <param name="AllowedBytes">What it might use then.</param>
/// <param name="At">When.</param>
public sealed record UsageWarningView(long Percent, long UsedBytes, long AllowedBytes, DateTimeOffset At);
