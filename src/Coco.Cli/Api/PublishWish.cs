namespace Coco.Cli.Api;

/// <summary>A message to publish.</summary>
internal sealed record PublishWish
{
    public required string Topic { get; init; }

    public required byte[] Data { get; init; }

    /// <summary>Whether it is the topic's value, which those who subscribe later get first.</summary>
    public bool Retain { get; init; }

    /// <summary>Whether to wait until all subscribers that are connected have it.</summary>
    public bool Acknowledge { get; init; }
}
