namespace Coco.Cli.Api;

/// <summary>What somebody may do with resources, and the name by which it is taken back.</summary>
internal sealed record GrantView
{
    public required string Id { get; init; }

    /// <summary>The user; null where it is for a role.</summary>
    public string? User { get; init; }

    public string? Role { get; init; }

    public required string Resource { get; init; }

    public required IReadOnlyList<string> Actions { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? Until { get; init; }
}
