namespace Coco.Cli.Api;

/// <summary>What programs show at local ends.</summary>
internal sealed record TokenView(string Token);
