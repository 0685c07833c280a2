namespace Coco.Cli.Api;

/// <summary>One thing that was looked at.</summary>
internal sealed record DoctorFinding(string Check, bool Well, string Finding, string? Advice);
