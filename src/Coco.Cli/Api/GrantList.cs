namespace Coco.Cli.Api;

/// <summary>What was granted in a network.</summary>
internal sealed record GrantList(string Network, IReadOnlyList<GrantView> Grants);
