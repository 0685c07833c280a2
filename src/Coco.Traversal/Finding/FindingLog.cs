using Microsoft.Extensions.Logging;

namespace Coco.Traversal.Finding;

/// <summary>What is told of the search for paths. Event ids 1100–1119.</summary>
internal static partial class FindingLog
{
    [LoggerMessage(1100, LogLevel.Debug, "A {Class} path answers after {AfterMs} ms, round trip {RttMs} ms")]
    public static partial void PathFound(ILogger logger, PathClass @class, double afterMs, double rttMs);

    [LoggerMessage(1101, LogLevel.Debug, "Search for a direct path: {Stage}")]
    public static partial void StageEntered(ILogger logger, SearchStage stage);

    [LoggerMessage(1102, LogLevel.Information, "Moving to {Path}, because {Reason}")]
    public static partial void Moving(ILogger logger, string path, string reason);

    [LoggerMessage(1103, LogLevel.Information, "Path in use: {Code}: {Sentence}")]
    public static partial void VerdictChanged(ILogger logger, VerdictCode code, string sentence);

    [LoggerMessage(1104, LogLevel.Debug, "A message of the peer's on paths cannot be read, type {Type}")]
    public static partial void BadSignal(ILogger logger, ulong type);
}
