namespace Coco.Cli.Api;

/// <summary>Why the daemon did not do what it was asked.</summary>
internal sealed record ApiError(string Code, string Message);
