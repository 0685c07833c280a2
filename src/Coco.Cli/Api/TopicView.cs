namespace Coco.Cli.Api;

/// <summary>A message of a topic.</summary>
internal sealed record TopicView
{
    public required string Topic { get; init; }

    /// <summary>The publisher's name.</summary>
    public required string Publisher { get; init; }

    public required string PublisherId { get; init; }

    public required DateTimeOffset Time { get; init; }

    public bool Retained { get; init; }

    /// <summary>How many messages were missed before this one.</summary>
    public long Missed { get; init; }

    public required byte[] Data { get; init; }

    /// <summary>The data, where it is text.</summary>
    public string? Text { get; init; }
}
