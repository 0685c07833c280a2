namespace Coco.Cli.Api;

/// <summary>What somebody may do with resources.</summary>
internal sealed record GrantWish
{
    /// <summary>A node, whose user is meant; a user; or role:guest and role:admin.</summary>
    public required string Who { get; init; }

    public required string Resource { get; init; }

    /// <summary>What with it; everything, where none is named.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? Until { get; init; }
}
