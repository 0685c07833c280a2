namespace Coco.Cli.Api;

/// <summary>The answer where there is nothing to tell.</summary>
internal sealed record Done(bool Ok = true);
