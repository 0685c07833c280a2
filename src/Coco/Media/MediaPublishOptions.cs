namespace Coco.Media;

/// <summary>How a stream is published.</summary>
public sealed record MediaPublishOptions
{
    /// <summary>Subscribers that this node sends to itself; others are sent to one of them that has agreed to pass the stream on. From 1 to 65,536; default
    /// 65,536, which is all.</summary>
    public int MaxCopies
    {
        get;
        init => field = value is >= 1 and <= 65_536 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The copies must be from 1 to 65,536.");
    } = 65_536;
}
