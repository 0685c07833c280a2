namespace Coco.Cli.Api;

/// <summary>A message to send.</summary>
internal sealed record SendWish
{
    public required string To { get; init; }

    public string Subject { get; init; } = "";

    public required byte[] Data { get; init; }

    /// <summary>How long it is kept for a receiver who is away; as the daemon keeps them otherwise.</summary>
    public double? TimeToLiveSeconds { get; init; }

    /// <summary>How long to wait for the receipt; not at all, where it is 0.</summary>
    public double WaitSeconds { get; init; }
}
