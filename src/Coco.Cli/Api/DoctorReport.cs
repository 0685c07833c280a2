namespace Coco.Cli.Api;

/// <summary>What the doctor found.</summary>
internal sealed record DoctorReport(bool Well, IReadOnlyList<DoctorFinding> Findings);
