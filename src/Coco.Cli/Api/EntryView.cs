namespace Coco.Cli.Api;

/// <summary>An entry of a collection.</summary>
internal sealed record EntryView
{
    public required string Key { get; init; }

    /// <summary>Whether it was deleted: nothing else is known then.</summary>
    public bool Deleted { get; init; }

    /// <summary>The name of the node that wrote it.</summary>
    public string? Writer { get; init; }

    public string? WriterId { get; init; }

    public DateTimeOffset? Time { get; init; }

    public byte[] Data { get; init; } = [];

    /// <summary>The data, where it is text.</summary>
    public string? Text { get; init; }
}
