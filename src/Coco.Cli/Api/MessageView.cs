namespace Coco.Cli.Api;

/// <summary>A message that came. It is kept until it is completed.</summary>
internal sealed record MessageView
{
    public required string Id { get; init; }

    /// <summary>The sender's name.</summary>
    public required string From { get; init; }

    public required string FromId { get; init; }

    public required string Subject { get; init; }

    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Whether it was handed out before and not completed.</summary>
    public bool Redelivered { get; init; }

    public required byte[] Data { get; init; }

    /// <summary>The data, where it is text.</summary>
    public string? Text { get; init; }
}
