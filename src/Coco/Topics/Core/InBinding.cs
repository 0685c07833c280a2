namespace Coco.Topics.Core;

/// <summary>A topic of the peer's on a link.</summary>
internal sealed class InBinding(RemoteStream stream, ulong epoch, ulong next)
{
    public RemoteStream Stream { get; } = stream;

    public ulong Epoch { get; } = epoch;

    /// <summary>The number of the message that comes next.</summary>
    public ulong Next { get; set; } = next;
}
