namespace Coco.Cli.Api;

/// <summary>What is asked of entries: which collection, and which key or what keys begin with.</summary>
internal sealed record StoreWish
{
    public required string Collection { get; init; }

    /// <summary>Whether it is the network's; else it is the user's.</summary>
    public bool Shared { get; init; }

    public string Key { get; init; } = "";

    /// <summary>The value to put.</summary>
    public byte[] Data { get; init; } = [];

    /// <summary>How many other nodes are to have it before the answer.</summary>
    public int Replicas { get; init; }
}
