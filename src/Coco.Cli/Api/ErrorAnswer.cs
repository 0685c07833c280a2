namespace Coco.Cli.Api;

/// <summary>The body of an answer that is an error, and the last line of a stream that failed.</summary>
internal sealed record ErrorAnswer(ApiError Error);
