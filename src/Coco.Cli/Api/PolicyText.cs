namespace Coco.Cli.Api;

/// <summary>The policy of a network, in its own words.</summary>
internal sealed record PolicyText(string Policy);
