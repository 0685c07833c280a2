namespace Coco.Cli.Api;

/// <summary>A line of the log.</summary>
internal sealed record LogLine(string Time, string Level, string Source, int Id, string Message);
